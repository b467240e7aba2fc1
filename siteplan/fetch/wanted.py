"""What a case is to be made of: a place by its name, and polygons of one's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from siteplan.crs import WGS84
from siteplan.errors import Defect, DefectList, InputError, Text, join_names, shorten
from siteplan.files import clean_text, defuse_cell
from siteplan.inputs.fields import parse_code, parse_number, parse_text, parse_whole, pick
from siteplan.inputs.headers import find_candidates, refuse_multiples, settle_columns
from siteplan.inputs.vector import POLYGONS, Layer, read_layer
from siteplan.model import Geometries, Shape

ROLE = "boundaries"
LABELS: Mapping[str, Text] = {
    "code": Text("代码", "code"),
    "name": Text("名称", "name"),
    "district": Text("所属区", "district"),
    "population": Text("常住人口", "residents"),
    "year": Text("年份", "year"),
}
"""What a case takes of the columns of a file."""
YEAR = re.compile(r"(1[89]|20)\d\d")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a case is to be made of.

    Attributes
    ----------
    place
        Name of an administrative boundary, or `relation/ID`; None where the file alone says it.
    boundary
        A file of polygons: the subdistricts of the place, or without a column of codes its outline;
        None takes those of OpenStreetMap.
    level
        `admin_level` of the subdistricts; None chooses it, see `choose_level`.
    columns
        What the file calls our columns, where its headers do not say so.
    """

    place: str | None = None
    boundary: Path | None = None
    level: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class CutSubdistrict:
    """One subdistrict of the place.

    Attributes
    ----------
    code, name, district
        Its labels; the district is None where it is not known.
    osm
        `relation/ID`; empty for one of a file of one's own.
    shape
        Polygon in WGS84 degrees.
    population, year
        Residents and the year of that; None where nothing says them.
    source
        What says so, the same of all.
    tags
        Those of OpenStreetMap that speak of residents, as they stand there.
    """

    code: str
    name: str
    district: str | None
    osm: str
    shape: Shape
    population: float | None = None
    year: int | None = None
    source: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """Polygons of one's own.

    Attributes
    ----------
    layer
        The file.
    shapes
        Its polygons in WGS84 degrees.
    columns
        What it calls our columns; without `code` the polygons are an outline.
    """

    layer: Layer
    shapes: Geometries
    columns: Mapping[str, str]

    @property
    def is_outline(self) -> bool:
        """Whether it draws the place as a whole, and no subdistricts."""
        return "code" not in self.columns

    @property
    def note(self) -> Text:
        """How the file was taken."""
        label, count = clean_text(self.layer.label), len(self.shapes)
        if self.is_outline:
            return Text(
                f"{label} 没有认出代码列（如 街道代码、乡镇码），{count} 个多边形合为一个范围；"
                "若它们是街道，请用 --column boundaries.code=列名 指明代码列",
                f"no column of {label} is known to hold codes, so that its polygons ({count}) are"
                " taken together as one outline; if they are subdistricts, name the column with"
                " --column boundaries.code=NAME",
            )
        taken = [(LABELS[key], clean_text(name)) for key, name in self.columns.items()]
        zh = "，".join(f"{text.zh}取自“{name}”" for text, name in taken)
        en = ", ".join(f'{text.en} from "{name}"' for text, name in taken)
        if "population" not in self.columns:
            zh, en = f"{zh}，没有认出常住人口列", f"{en}; no column of residents is known"
        return Text(f"{label} 的列：{zh}", f"columns of {label}: {en}")


def check_place(place: str) -> None:
    """Refuse a place without a name.

    Raises
    ------
    InputError
        If nothing but blanks is given.
    """
    if not place.strip():
        problem = Text("地名是空的", "the place is empty")
        remedy = Text("请写行政区的名称或 relation/编号", "Give a name, or relation/ID")
        raise InputError(Defect("", problem, remedy))


def read_own(wanted: Wanted) -> Own | None:
    """Read the polygons of one's own, and which of its columns are ours; None if there are none.

    Raises
    ------
    InputError
        If there is neither a place nor a file; if the file cannot be used, several of its columns
        may be one of ours, or it is an outline besides a place.
    """
    if wanted.place is not None:
        check_place(wanted.place)
    if wanted.boundary is None:
        if wanted.place is None:
            problem = Text("没有给出地名或 --boundary", "neither PLACE nor --boundary is given")
            remedy = Text("请至少给出一个", "Give one of them, or both")
            raise InputError(Defect("", problem, remedy))
        return None
    layer = read_layer(wanted.boundary, wanted.boundary.name, kinds=POLYGONS)
    own = Own(layer, layer.project(WGS84), _find_columns(layer, wanted.columns))
    if own.is_outline and wanted.place is not None:
        problem = Text(
            "没有认出代码列（如 街道代码、乡镇码）", "has no column that is known to hold codes"
        )
        remedy = Text(
            "请用 --column boundaries.code=列名 指明；若它是范围线，请不写地名",
            "Name it with --column boundaries.code=NAME; if it is an outline, leave out PLACE",
        )
        raise InputError(Defect(layer.label, problem, remedy, "fields", field="code"))
    return own


def _find_columns(layer: Layer, given: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each of ours, in our order; none where no column holds codes.

    Raises
    ------
    InputError
        If a column that is given is not there, several may be one of ours, or one of people counts
        something else.
    """
    held = join_names(layer.columns, most=12)
    remedy = Text(f"现有的列：{held.zh}", f"It has {held.en}")
    missing = [name for name in given.values() if name not in layer.columns]
    if missing:
        raise InputError(
            *(
                Defect(layer.label, Text(f"没有列 {n}", f"has no column {n}"), remedy, "fields")
                for n in missing
            )
        )
    candidates = find_candidates(layer.columns, ROLE)
    if "code" not in candidates and "code" not in given:
        return {}
    columns = settle_columns(candidates, given, layer.label, ROLE)
    years = find_candidates(layer.columns, "population").get("year", ())
    if len(years) == 1:
        columns["year"] = years[0]
    if "population" in columns:
        refuse_multiples([columns["population"]], layer.label)
    return {key: columns[key] for key in LABELS if key in columns}


def take_subdistricts(own: Own) -> tuple[CutSubdistrict, ...]:
    """Return the subdistricts of a file in order of code.

    Where no column gives the year of residents, the header of theirs may: `population_2010`.

    Raises
    ------
    InputError
        With every feature whose code is missing or stands twice, or whose population or year is
        none.
    """
    defects, taken, label = DefectList(), dict[str, CutSubdistrict](), own.layer.label
    headed = YEAR.search(own.columns.get("population", ""))
    for row, values, shape in zip(own.layer.rows, own.layer.properties, own.shapes, strict=True):
        code = parse_code(pick(values, "code", own.columns))
        if code is None or code in taken or defuse_cell(code) != code:
            column = own.columns["code"]
            problem = Text(f"没有自己的代码（列 {column}）", f"has no code of its own in {column}")
            remedy = Text(
                "每个街道给一个代码，以字母、数字或汉字开头",
                "Give each subdistrict a code of its own that begins with a letter or digit",
            )
            defects.append(Defect(label, problem, remedy, "fields", feature=row))
            continue
        people = _read_number(own, values, "population", row, defects)
        year = _read_number(own, values, "year", row, defects)
        if people is not None and year is None and headed:
            year = int(headed.group())
        name = parse_text(pick(values, "name", own.columns)) or code
        district = parse_text(pick(values, "district", own.columns))
        source = clean_text(label) if people is not None else ""
        whole = None if year is None else int(year)
        taken[code] = CutSubdistrict(code, name, district, "", shape, people, whole, source)
    defects.raise_errors()
    return tuple(taken[code] for code in sorted(taken))


def _read_number(
    own: Own, values: Mapping[str, object], key: str, row: int, defects: DefectList
) -> float | None:
    """Return a number of a feature; one that is none joins `defects`."""
    if key not in own.columns:
        return None
    value = values.get(own.columns[key])
    try:
        number = parse_whole(value) if key == "year" else parse_number(value)
    except ValueError:
        number = -1
    if number is not None and number < 0:
        shown, column = shorten(value), own.columns[key]
        problem = Text(f"{column} 为 {shown!r}", f"{column} is {shown!r}")
        remedy = Text("请填数字，不带逗号和单位，或留空", "Give a bare number, or nothing")
        defects.append(Defect(own.layer.label, problem, remedy, "fields", feature=row, field=key))
        return None
    return number
