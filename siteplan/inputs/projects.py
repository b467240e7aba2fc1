"""`data/projects.csv`: the projects as they were filed, and what became of the old units' codes."""

import difflib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.resources import files
from typing import cast

from siteplan.errors import Defect, DefectList, Text, join_names, shorten
from siteplan.inputs.fields import is_missing, parse_date, parse_number, parse_text
from siteplan.inputs.sheets import Table
from siteplan.model import FormerDistrict, FormerUnit, Project, Succession
from siteplan.schema import REQUIRED, find_field, fold

REQUIRED_COLUMNS = ("subdistrict", "project_id")
DATES = ("submitted", "district_reviewed", "city_approved", "tendered")
SUMS = ("grant_wan", "city_wan", "district_wan")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "subdistrict": ("街道", "街道代码", "街道名称"),
    "project_id": ("项目编号", "项目"),
    "mode": ("运作模式", "模式"),
    "operator": ("运营机构", "承办机构", "中标机构"),
    "submitted": ("申报日期", "上报日期"),
    "district_reviewed": ("区审核日期", "审核日期"),
    "city_approved": ("市审定日期", "审定日期"),
    "tendered": ("招投标日期", "招标完成日期"),
    "grant_wan": ("资助总额", "补助总额", "试点资金"),
    "city_wan": ("市级负担", "市财政"),
    "district_wan": ("区级负担", "区财政"),
}
"""Our columns and the Chinese names they may have; the first is the one that messages say."""
UNITS = ("(万元)", "(10,000yuan)")
"""What may stand behind the name of a sum. Another unit is another column."""
MOST_WAN = 1e8  # 10,000 yuan: more than any city has is no sum of money
SUCCESSION = files("siteplan.inputs") / "succession.toml"

FindCode = Callable[[str], str | None]
Filed = dict[str, tuple[Project, ...]]


@dataclass(slots=True)
class _Row:
    """One row of the table while it is read, and where what is wrong with it goes."""

    label: str
    number: int
    values: Mapping[str, object]
    defects: DefectList = field(default_factory=DefectList)

    def refuse(self, column: str, remedy: Text) -> None:
        """Note that a column has no value that can be used."""
        value, title = self.values.get(column), COLUMNS[column][0]
        shown = shorten(parse_text(value) or "")
        problem = Text(f'{title} {column} 为 "{shown}"', f'{column} is "{shown}"')
        if is_missing(value):
            problem = Text(f"缺少{title} {column}", f"has no {column}")
        self._note(column, problem, remedy)

    def refuse_doubled(self, project: str, first: int) -> None:
        """Note that a project stands in the table already."""
        problem = Text(
            f"项目 {shorten(project)} 在第 {first} 行已有",
            f"project {shorten(project)} stands in row {first} already",
        )
        remedy = Text("每个项目一行，编号各不相同", "Give each project one row and its own id")
        self._note("project_id", problem, remedy)

    def read_text(self, column: str) -> str | None:
        """Return a text; None without one."""
        return parse_text(self.values.get(column))

    def require_text(self, column: str) -> str | None:
        """Return a text that must be there; None with the reason among the defects."""
        text = self.read_text(column)
        if text is None:
            self.refuse(column, Text("请补全", "Fill it in"))
        return text

    def read_mode(self) -> int | None:
        """Return the mode of operation, by its number or its name."""
        word, known = self.read_text("mode"), find_field("mode")
        if word is None:
            return None
        mode = known.choose(word)
        if mode is None:
            chinese = join_names(f"{choice.value} {choice.label.zh}" for choice in known.choices).zh
            english = join_names(f"{choice.value} {choice.label.en}" for choice in known.choices).en
            self.refuse("mode", Text(f"请从中选择：{chinese}", f"Choose one of {english}"))
        return cast("int | None", mode)

    def read_date(self, column: str) -> date | None:
        """Return the day of a step."""
        try:
            return parse_date(self.values.get(column))
        except ValueError:
            remedy = Text(
                "请写日期，年份在前，如 2010-08-31", "Give a date, year first, e.g. 2010-08-31"
            )
            self.refuse(column, remedy)
        return None

    def read_sum(self, column: str) -> float | None:
        """Return a sum of money, 0 or more."""
        try:
            amount = parse_number(self.values.get(column))
        except ValueError:
            amount = -1.0
        if amount is not None and not 0 <= amount <= MOST_WAN:
            remedy = Text("请以万元填写数字，不小于 0", "Give a number in 10,000 yuan, 0 or more")
            self.refuse(column, remedy)
            return None
        return amount

    def _note(self, column: str, problem: Text, remedy: Text) -> None:
        self.defects.append(
            Defect(self.label, problem, remedy, "fields", feature=self.number, field=column)
        )


def read_projects(
    table: Table, label: str, find_code: FindCode
) -> tuple[Filed, tuple[Text, ...], DefectList]:
    """Read the projects filed for each subdistrict, and all that is wrong with the table.

    Parameters
    ----------
    table
        Rows as `read_table` gives them, with our column names or the Chinese ones.
    label
        Name of the file in messages.
    find_code
        Gives the code of a subdistrict of the case by the code or name that a row has for it; None
        for one of elsewhere: a table of the whole city may name others, they are left out.

    Returns
    -------
    tuple
        Projects by code, in order of id; what else there is to say of the table (columns nobody
        knows, subdistricts of elsewhere); and its defects. With any defect the table is not usable.
    """
    header = list(table[0][1]) if table else []
    names, notes = _match_columns(header)
    defects = _check_columns(header, names, label)
    first: dict[str, int] = {}
    filed: dict[str, list[Project]] = {}
    elsewhere: list[str] = []
    for number, values in [] if defects else table:
        ours = {ours: values.get(theirs[0]) for ours, theirs in names.items()}
        row = _Row(label, number, ours)
        claimed, project = _read_row(row)
        if project is not None and project.project_id in first:
            row.refuse_doubled(project.project_id, first[project.project_id])
        elif project is not None:
            first[project.project_id] = number
        defects += row.defects
        code = find_code(claimed) if claimed else None
        if claimed and code is None:
            elsewhere.append(claimed)
        elif code is not None and project is not None:
            filed.setdefault(code, []).append(replace(project, subdistrict=code))
    if elsewhere:
        listed = join_names(sorted(set(elsewhere)))
        notes.append(
            Text(f"不属于本案例的街道：{listed.zh}", f"subdistricts of elsewhere: {listed.en}")
        )
    by_code = {code: _sort(projects) for code, projects in sorted(filed.items())}
    return by_code, tuple(notes), defects


def read_succession() -> Succession:
    """Read the table of succession that comes with siteplan.

    Examples
    --------
    >>> read_succession().find_today("越秀区广卫街")
    ('440104003',)
    """
    tables = tomllib.loads(SUCCESSION.read_text(encoding="utf-8"))
    units = [
        FormerUnit(**(entry | {key: tuple(entry.get(key, ())) for key in ("today", "codes")}))
        for entry in tables["unit"]
    ]
    districts = [FormerDistrict(**entry) for entry in tables["district"]]
    return Succession(tuple(units), tuple(districts))


def _match_columns(header: Sequence[str]) -> tuple[dict[str, list[str]], list[Text]]:
    """Return which columns hold each of ours, and a note on each that holds none."""
    known = {_pack(name): ours for ours, others in COLUMNS.items() for name in (ours, *others)}
    names: dict[str, list[str]] = {}
    notes = []
    for column in header:
        packed = _pack(column)
        stem = next((packed.removesuffix(unit) for unit in UNITS if packed.endswith(unit)), packed)
        ours = known.get(packed) or known.get(stem)
        if ours is None or (stem != packed and ours not in SUMS):
            notes.append(_note_unknown(column, known))
        else:
            names.setdefault(ours, []).append(column)
    return names, notes


def _note_unknown(column: str, known: Mapping[str, str]) -> Text:
    near = difflib.get_close_matches(_pack(column), known, n=1)
    shown = shorten(column)
    if not near:
        return Text(f"未使用的列：{shown}", f"a column that is not used: {shown}")
    return Text(
        f"未使用的列：{shown}（可能应为 {near[0]}）",
        f"a column that is not used: {shown} (perhaps {near[0]} is meant)",
    )


def _check_columns(
    header: Sequence[str], names: Mapping[str, Sequence[str]], label: str
) -> DefectList:
    """Return what is wrong with the header: a column that is missing, or there twice."""
    defects, held = DefectList(), join_names(header, most=12)
    for ours in REQUIRED_COLUMNS:
        if ours not in names:
            chinese = COLUMNS[ours][0]
            problem = Text(f"没有列 {chinese} {ours}", f"has no column {ours}")
            remedy = Text(f"现有的列：{held.zh}", f"It has {held.en}; {ours} or {chinese} is meant")
            defects.append(Defect(label, problem, remedy, "fields", field=ours))
    for ours, theirs in names.items():
        if len(theirs) > 1:
            listed = join_names(theirs)
            problem = Text(
                f"列 {listed.zh} 都是 {ours}", f"has several columns for {ours}: {listed.en}"
            )
            remedy = Text("请只留一列", "Keep one of them")
            defects.append(Defect(label, problem, remedy, "fields", field=ours))
    return defects


def _read_row(row: _Row) -> tuple[str | None, Project | None]:
    """Return the subdistrict as the row names it, and the project; None without its id."""
    claimed, id_ = (row.require_text(column) for column in REQUIRED_COLUMNS)
    mode, operator = row.read_mode(), row.read_text("operator")
    submitted, reviewed, approved, tendered = (row.read_date(column) for column in DATES)
    grant, city, district = (row.read_sum(column) for column in SUMS)
    if id_ is None:
        return claimed, None
    return claimed, Project(
        subdistrict=claimed or "",
        project_id=id_,
        mode=mode,
        operator=operator,
        submitted=submitted,
        district_reviewed=reviewed,
        city_approved=approved,
        tendered=tendered,
        grant_wan=grant,
        city_wan=city,
        district_wan=district,
        row=row.number,
    )


def _sort(projects: Sequence[Project]) -> tuple[Project, ...]:
    return tuple(sorted(projects, key=lambda project: project.project_id))


def _pack(word: str) -> str:
    """Return a header without differences of case, width, blanks and the mark of a must."""
    return "".join(fold(word).split()).strip(REQUIRED)
