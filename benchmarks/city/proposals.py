"""Proposals of a synthetic city's subdistricts, as GeoJSON features."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from city.files import to_lonlat
from city.grid import Floats, Ints
from city.people import City, choose_headquarters, cover_greedily, measure_distances

REACH_M = 760.0  # straight line that about 1,000 m on foot bridges
PEOPLE_PER_SUBDISTRICT = 1_500
PREMISES = ("new_build", "extension", "conversion", "lease", "existing")

CHINESE_KEYS = {
    "id": "编号",
    "name": "名称",
    "subdistrict": "街道",
    "status": "状态",
    "role": "角色",
    "premises": "场地来源",
    "floor_area_m2": "建筑面积",
    "office_area_m2": "办公面积",
    "available_from": "可用日期",
    "mode": "运作模式",
    "services": "服务项目",
    "cost_wan": "建设费用",
    "annual_cost_wan": "年度费用",
    "address": "地址",
    "note": "备注",
}
CHINESE_VALUES: Mapping[str, Mapping[object, str]] = {
    "status": {"existing": "现有", "proposed": "拟建", "candidate": "备选"},
    "role": {"headquarters": "总部", "branch": "分站点"},
    "premises": {
        "new_build": "新建",
        "extension": "扩建",
        "conversion": "改建",
        "lease": "租赁",
        "existing": "整合现有",
        "other": "其他",
    },
    "mode": {1: "购买服务", 2: "街道间接管理"},
}
CHINESE_SERVICES = {"family_service": "家庭服务", "elderly": "养老", "youth": "青少年"}


def describe_site(properties: Mapping[str, Any], xy: Floats, *, chinese: bool) -> dict[str, Any]:
    """Describe a site as a GeoJSON feature.

    Parameters
    ----------
    properties
        By the canonical English keys.
    xy
        Metres from the city's middle: shape (2,) for a point, (n, 2) for a parcel's corners,
        counter-clockwise and not closed.
    chinese
        Whether keys and values are written in Chinese.
    """
    lonlat = to_lonlat(xy.reshape(-1, 2)).tolist()
    geometry = (
        {"type": "Point", "coordinates": lonlat[0]}
        if xy.ndim == 1
        else {"type": "Polygon", "coordinates": [[*lonlat, lonlat[0]]]}
    )
    described = dict(properties) if not chinese else _translate(properties)
    return {"type": "Feature", "properties": described, "geometry": geometry}


def _translate(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Write keys and values in Chinese."""
    translated: dict[str, Any] = {}
    for key, value in properties.items():
        if key == "services":
            translated[CHINESE_KEYS[key]] = [CHINESE_SERVICES[service] for service in value]
        else:
            words = CHINESE_VALUES.get(key, {})
            translated[CHINESE_KEYS[key]] = words.get(value, value)
    return translated


def share_sites(residents: Ints, total: int) -> Ints:
    """Share out sites by residents, at least one for each subdistrict, largest remainders first."""
    spare = total - len(residents)
    if spare < 0:
        message = f"{total} sites are fewer than the {len(residents)} subdistricts"
        raise ValueError(message)
    exact = residents / residents.sum() * spare
    shares = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - shares), kind="stable")
    shares[order[: spare - int(shares.sum())]] += 1
    counts: Ints = shares + 1
    return counts


def propose_plainly(city: City, number: int, count: int) -> list[dict[str, Any]]:
    """Propose a valid centre for one subdistrict: the first site is its headquarters.

    Parameters
    ----------
    city
        The finished city.
    number
        The subdistrict.
    count
        How many sites; fewer where the subdistrict has fewer spots, none where it has no homes.
    """
    spots, labels, people = city.spots, city.labels, city.people_of(number)
    own = spots.xy[(spots.subdistricts == number) & ~spots.on_sandbank]
    if not len(own) or not city.residents[number]:
        return []
    step = max(1, len(people[1]) // PEOPLE_PER_SUBDISTRICT)
    homes, weights = people[0][::step], people[1][::step]
    to_homes_m = measure_distances(own, homes)
    order = cover_greedily(to_homes_m <= REACH_M, weights)
    rest = np.setdiff1d(np.arange(len(own)), order)
    chosen = [*order, *rest.tolist()][:count]
    sites = own[chosen]
    first = choose_headquarters(measure_distances(sites, sites), to_homes_m[chosen], weights)
    stem = labels.names[number].removesuffix("街道")
    features = []
    for index, xy in enumerate([sites[first], *np.delete(sites, first, axis=0)]):
        is_first = index == 0
        properties = {
            "id": f"{labels.codes[number]}-{index + 1}",
            "name": f"{stem}街社区综合服务中心" if is_first else f"{stem}街第{index}分站",
            "subdistrict": labels.codes[number],
            "status": "existing" if index % 5 == 4 else "proposed",  # noqa: PLR2004 - one in five
            "role": "headquarters" if is_first else "branch",
            "premises": PREMISES[(number + index) % len(PREMISES)],
            "floor_area_m2": (1100 if is_first else 320) + 10 * ((number * 7 + index * 3) % 40),
            "office_area_m2": 150 if is_first else 40,
            "available_from": "2010-08-15",
            "mode": 1 + number % 2,
            "services": ["family_service", "elderly", "youth"],
        }
        features.append(describe_site(properties, xy, chinese=False))
    return features
