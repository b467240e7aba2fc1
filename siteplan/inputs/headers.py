"""Which column of a file is which of ours, guessed from what people call them."""

import re
from collections.abc import Iterable, Mapping

from siteplan.errors import Defect, DefectList, InputError, Text, join_names
from siteplan.schema import fold

WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "boundaries": {
        "code": (
            "code", "adcode", "towncode", "subdistrictcode", "streetcode", "行政区划代码",
            "区划代码", "行政区代码", "街道代码", "镇街代码", "乡镇代码", "乡镇码", "街道编码",
            "街道编号", "代码", "编码",
        ),
        "name": (
            "name", "subdistrict", "subdistrictname", "town", "townname", "street", "streetname",
            "名称", "街道", "街道名称", "街道名", "镇街", "镇街名称", "乡镇", "乡镇名称", "乡镇名",
        ),
        "district": (
            "district", "districtname", "county", "countyname", "区", "区县", "区县名称", "区名称",
            "所属区", "所属区县", "县级名称", "行政区",
        ),
        "population": (
            "population", "pop", "residents", "totalpopulation", "totalpop", "人口", "人口数",
            "常住人口", "常住人口数", "常住人", "总人口",
        ),
        "vintage": ("vintage", "boundaryyear", "边界年份"),
    },
    "population": {
        "year": ("year", "年份", "年", "年度", "统计年份", "普查年份"),
        "estimated": ("estimated", "估算", "是否估算"),
        "source": ("source", "来源", "数据来源"),
    },
}  # fmt: skip
"""Names of each field by role, in small letters, without blanks, underscores and units."""
SHARED = ("code", "name", "population")
NEEDED: Mapping[str, tuple[str, ...]] = {
    "boundaries": ("code",),
    "population": ("code", "population"),
}
"""Without these a file is no use."""
UNIT = re.compile(r"[(\[](人|persons|people)[)\]]$")
JOINTS = re.compile(r"[\s_\-.]")
YEAR = re.compile(r"^(19|20)\d\d年?|(19|20)\d\d年?$")
MULTIPLE = re.compile(
    r"[十百千万亿]\s*人?\s*[)\]]|[千万亿]\s*人?口?$|[千万亿]人"
    r"|thousand|million|(?<![a-z])(wan|(10*)?k)(?![a-z])|(?<![1-9.])1?0*[,.' ]?000s?(?!\d)"
)
"""What a header says, in small letters, where its figures are to be multiplied."""
GROUPS = re.compile(
    r"岁|男|女|老年|老人|儿童|少年|青年|婴幼儿|残疾|male|women|elderly|children|youth|disabled"
    r"|^(population|pop|residents|people)?(age[sd]?|over|under)\d|^\d+(\+|plus)$"
)
"""What a header says, packed, where it counts people of an age or a sex, or with a disability."""
NO_COUNT = re.compile(
    r"率|比|均|中位|户|[%‰]|密度|share|ratio|percent|pct|rate|mean|median|density"
)


def find_candidates(header: Iterable[str], role: str) -> dict[str, tuple[str, ...]]:
    """Return which columns may hold each field of a role; a field without any is left out.

    A unit other than people makes a column another one: 10,000 people must not be read as one.

    Examples
    --------
    >>> find_candidates(["街道名称", "常住人口（人）", "常住人口（万人）"], "boundaries")
    {'name': ('街道名称',), 'population': ('常住人口（人）',)}
    """
    words = dict(WORDS[role])
    if role == "population":
        words = {key: WORDS["boundaries"][key] for key in SHARED} | words
    packed = [(column, _pack(column)) for column in header]
    found = {
        key: tuple(column for column, word in packed if word in names)
        for key, names in words.items()
    }
    return {key: columns for key, columns in found.items() if columns}


def names_column(word: str) -> bool:
    """Whether a header names a column of boundaries or of a table of residents."""
    return any(find_candidates([word], role) for role in WORDS)


def _pack(column: str) -> str:
    """Return a header without blanks, unit and year: population_2010 is the population too."""
    return YEAR.sub("", UNIT.sub("", JOINTS.sub("", fold(column))))


def is_group(column: str) -> bool:
    """Whether a column counts the people of a group: of an age or a sex, or with a disability.

    Examples
    --------
    >>> is_group("60岁以上人口"), is_group("age_60_plus"), is_group("女")
    (True, True, True)
    >>> is_group("60岁以上占比（%）"), is_group("邮编"), is_group("village_12")
    (False, False, False)
    """
    word = _pack(column)
    return bool(GROUPS.search(word)) and not NO_COUNT.search(word)


def refuse_multiples(columns: Iterable[str], label: str) -> None:
    """Refuse columns of people whose headers say that they count tens of thousands or the like.

    Raises
    ------
    InputError
        For each of them.
    """
    defects = DefectList()
    for column in columns:
        if MULTIPLE.search(fold(column)):
            problem = Text(
                f"列 {column} 以万人等为单位，不是人数",
                f"column {column} counts thousands or the like, and not people",
            )
            remedy = Text(
                "请换算成人数（万人乘以 10,000，千人乘以 1,000），并改列名",
                "Multiply it out to people (万人 by 10,000, thousands by 1,000) and rename it",
            )
            defects.append(Defect(label, problem, remedy, "fields", field=column))
    defects.raise_errors()


def settle_columns(
    candidates: Mapping[str, tuple[str, ...]], given: Mapping[str, str], label: str, role: str
) -> dict[str, str]:
    """Return the column of each field: the one given, or the only one there may be.

    Raises
    ------
    InputError
        For each field that several columns may hold, naming them.
    """
    defects = []
    for key, columns in candidates.items():
        if key not in given and len(columns) > 1:
            names = join_names(columns)
            problem = Text(
                f"{key} 有多个可能的列：{names.zh}", f"several columns may be {key}: {names.en}"
            )
            remedy = Text(
                f"请在 [columns.{role}] 或用 --column {role}.{key}=列名 指明",
                f"Say which under [columns.{role}], or with --column {role}.{key}=NAME",
            )
            defects.append(Defect(label, problem, remedy, "fields", field=key))
    if defects:
        raise InputError(*defects)
    return {key: columns[0] for key, columns in candidates.items()} | dict(given)
