"""Which column of a file is which of ours, guessed from what people call them."""

import re
from collections.abc import Iterable, Mapping

from siteplan.errors import Defect, InputError, Text, join_names
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


def _pack(column: str) -> str:
    """Return a header without blanks, unit and year: population_2010 is the population too."""
    return YEAR.sub("", UNIT.sub("", JOINTS.sub("", fold(column))))


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
