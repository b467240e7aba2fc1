"""Public services that exist already: schools, clinics, libraries, …."""

from collections.abc import Mapping

import numpy as np
import shapely
from scipy.spatial import cKDTree

from siteplan.crs import WGS84, make_projection
from siteplan.files import clean_text
from siteplan.geometry import even_out, stand_inside
from siteplan.inputs.fields import parse_text, pick
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.tables import require_columns
from siteplan.inputs.vector import Layer
from siteplan.model import TOLERANCE_M, Facilities, Indices, Labels, Metres
from siteplan.schema import fold

FIELDS = ("lon", "lat", "kind", "name", "relation", "department")
SAME_M = 100.0
"""Within this, two of one kind and name are one: a place and its grounds are often both drawn."""
OTHER = "other"

RELATIONS: Mapping[str, tuple[str, ...]] = {
    "integrated": ("整合", "归并", "整合归并", "已整合", "integration"),
    "linked": ("对接", "已对接", "link"),
    "referred": ("转介", "已转介", "referral"),
}
"""How an existing service can stand to the centre (work plan 2010, 二(二)), and further words."""

# Which department a service belongs to, told by a word in its kind; values of OpenStreetMap are
# words too. The first six are those whose resources the centre takes in or refers to (work plan
# 2010, 附件1-七), the others who runs such services in a Chinese city. Those for one group come
# first, and 社区 last, for it stands before much else (社区卫生服务中心).
DEPARTMENTS: Mapping[str, tuple[str, ...]] = {
    "disabled": ("残联", "残疾", "disab"),
    "women": ("妇联", "妇女", "women"),
    "youth_league": ("团委", "共青团", "青少年", "青年", "youth"),
    "human_resources": (
        "人力资源", "人社", "就业", "劳动", "社保", "human resources", "employment",
    ),
    "health": ("卫生", "医", "诊所", "health", "hospital", "clinic", "doctor"),
    "culture": ("文化", "图书", "culture", "cultural", "library", "arts_centre"),
    "education": (
        "教育", "学校", "小学", "中学", "大学", "学院", "幼儿园", "托儿", "托幼",
        "education", "school", "kindergarten", "childcare", "college", "university",
    ),
    "sports": ("体育", "sport"),
    "police": ("公安", "派出所", "警", "public security", "police"),
    "fire": ("消防", "fire_station", "fire service"),
    "civil_affairs": (
        "民政", "养老", "敬老", "老年", "老人", "长者", "社区", "社工", "福利",
        "civil affairs", "elderly", "nursing_home", "community", "social",
    ),
}  # fmt: skip


def make_facilities_of_osm(extract: OsmExtract, crs: str) -> Facilities:
    """Return the public services of an extract, which says nothing of relations."""
    x, y = make_projection(WGS84, crs)(extract.service_lon, extract.service_lat)
    departments = [find_department(kind) or "" for kind in extract.service_kind.tolist()]
    return _arrange(x, y, extract.service_kind, extract.service_name, departments)


def make_facilities_of_layer(layer: Layer, columns: Mapping[str, str], crs: str) -> Facilities:
    """Return the facilities of a layer; one whose kind is blank is `other`.

    Parameters
    ----------
    layer
        Points or polygons; a polygon stands at its centroid, or at a point inside it.
    columns
        The file's names of `kind`, `name`, `relation` and `department`, the last two where it has
        them.
    crs
        Working CRS.

    Raises
    ------
    InputError
        If it has no column of kinds.
    """
    require_columns(layer.columns, [columns.get("kind", "kind")], layer.label)
    points = stand_inside(layer.project(crs))
    kinds, names, relations, departments = (
        read_words(layer, field, columns) for field in ("kind", "name", "relation", "department")
    )
    given = zip(departments, kinds, strict=True)
    has_relations = columns.get("relation", "relation") in layer.columns
    return _arrange(
        shapely.get_x(points),
        shapely.get_y(points),
        np.array([kind or OTHER for kind in kinds], dtype=np.str_),
        np.array(names, dtype=np.str_),
        [find_department(word or kind) or word for word, kind in given],
        [find_relation(word) for word in relations] if has_relations else None,
    )


def read_words(layer: Layer, field: str, columns: Mapping[str, str]) -> list[str]:
    """Return what each feature has for one of our fields, as one line; empty if it has nothing."""
    return [
        clean_text(parse_text(pick(values, field, columns)) or "") for values in layer.properties
    ]


def find_relation(word: str) -> str:
    """Return which relation a word stands for; a word that stands for none, as it is.

    Examples
    --------
    >>> find_relation("已对接"), find_relation("Referred"), find_relation("未对接")
    ('linked', 'referred', '未对接')
    """
    said = fold(word)
    known = (key for key, words in RELATIONS.items() if said == key or said in words)
    return next(known, word)


def find_department(word: str) -> str | None:
    """Return which department a kind of service, or the name of a department, stands for.

    Examples
    --------
    >>> find_department("社区卫生服务中心"), find_department("library"), find_department("市妇联")
    ('health', 'culture', 'women')
    >>> find_department("townhall") is None
    True
    """
    said = fold(word)
    known = (
        key
        for key, words in DEPARTMENTS.items()
        if said == key or any(part in said for part in words)
    )
    return next(known, None)


def find_twins(x: Metres, y: Metres, group: Indices) -> list[tuple[int, int]]:
    """Return pairs of one group within `SAME_M`, the lower number first; in order of the higher.

    Parameters
    ----------
    x, y
        Working CRS, shape (places,).
    group
        Number of the group of each.
    """
    if not len(x):
        return []
    # far apart in the third direction, so that only the like are near each other
    tree = cKDTree(np.column_stack([x, y, group * (2 * SAME_M)]))
    pairs = tree.query_pairs(SAME_M + TOLERANCE_M, output_type="ndarray")
    ordered = pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))].tolist()
    return [(first, second) for first, second in ordered]


def _arrange(
    x: Metres,
    y: Metres,
    kind: Labels,
    name: Labels,
    department: list[str],
    relation: list[str] | None = None,
) -> Facilities:
    """Return facilities in order of kind, name and place, each once.

    What one of several drawings of a facility says of its relation or department holds for it.
    """
    said = np.array([department, relation or [""] * len(x)], dtype=np.str_)
    order = np.lexsort((*said[::-1], even_out(y), even_out(x), name, kind))
    x, y, kind, name = x[order], y[order], kind[order], name[order]
    departments = [department[index] for index in order.tolist()]
    relations = [relation[index] if relation else "" for index in order.tolist()]
    new = (kind[1:] != kind[:-1]) | (name[1:] != name[:-1])
    kept = np.ones(len(x), dtype=np.bool_)
    for first, second in find_twins(x, y, np.cumsum(np.r_[0, new])[: len(x)]):
        if kept[first]:
            kept[second] = False
            departments[first] = departments[first] or departments[second]
            relations[first] = relations[first] or relations[second]
    return Facilities(
        x[kept],
        y[kept],
        kind[kept],
        name[kept],
        None if relation is None else np.array(relations, dtype=np.str_)[kept],
        np.array(departments, dtype=np.str_)[kept],
    )
