"""The demo district, drawn by hand: its map, names, standard and projects."""

import numpy as np

from city.grid import MOTORWAY, OUTSIDE, RAIL, CityMap
from city.people import Labels

# One letter for each block: subdistricts A to J, and neighbourhoods (see city.blocks.TEXTURES).
_OWNERS = """
.............
..GGGGCCC....
.GGGGCCCCEE..
.HGAACCCEEEE.
.HHAABBBIIEE.
.HHHHBBBIIII.
..FFFDDDDJJ..
.FFFFDDDJJJJ.
..FFFDDDJJJ..
.............
"""
_STYLES = """
.............
..ppfrvvi....
.pvevevtvie..
.vvooeeetvve.
.evoococteti.
.veooocoeeci.
..oeetceeev..
.vepetepeviv.
..vfretteirf.
.............
"""
_DISTRICT = "珠澜区(演示)"

LABELS = Labels(
    codes=tuple(f"4401990{number:02d}" for number in range(1, 11)),
    names=(
        "榕荫街道",
        "珠澜街道",
        "木棉街道",
        "南渡街道",
        "塔岗街道",
        "花埭街道",
        "云麓街道",
        "渔歌街道",
        "石桥街道",
        "鹭汀街道",
    ),
    district=_DISTRICT,
)
BANYAN, PEARL, KAPOK, FERRY, PAGODA, FLOWER, HILLS, FISHERS, BRIDGE, EGRET = range(10)

CASE = """\
# 演示数据:全部为程序合成,不对应任何真实的地方、机构和人。
# Demo data: all of it is synthetic. No real place, authority or person.
# Made by: python benchmarks/synthetic_city.py --demo .
[case]
name = "演示数据 · 珠澜区(合成)"
date = 2010-07-01            # 评审基准日 the day judged for
standard = "standard.toml"   # 演示标准 the demo's own standard
"""

_STANDARD = """\
# 演示标准:在 guangzhou-2010 之上,把服务半径和覆盖率目标定为"已采用"。批准机关为虚构。
# The demo's standard: guangzhou-2010 with radius and coverage target adopted by a made-up bureau.
format = 1

[profile]
id = "demo"
title_zh = "演示标准(合成):珠澜区社区综合服务中心试点"
title_en = "Demo standard (synthetic): pilot centres of Zhulan district"
extends = "guangzhou-2010"

[threshold.service_radius]
value = 1000
unit = "m"
op = "<="
status = "adopted"
adopted_by = "演示规划局"
adopted_on = 2010-06-01
clause = "一(一)"

[threshold.coverage_target]
value = 0.85
op = ">="
status = "adopted"
adopted_by = "演示规划局"
adopted_on = 2010-06-01

[threshold.pop_per_centre]   # 假定:合成的街道较小 the synthetic subdistricts are small
min = 10000
max = 40000
unit = "person"
op = "in"
status = "assumed"
source = "authors"
"""
# Modes of the pilot list; the hills and the bridge subdistrict are not pilots.
PILOT_MODES = {
    BANYAN: 1,
    PEARL: 2,
    KAPOK: 1,
    FERRY: 2,
    PAGODA: 1,
    FLOWER: 1,
    FISHERS: 2,
    EGRET: 1,
}


_GRANTS = (200, 100, 100)
# Subdistrict, project, mode, operator, then the dates of the steps; the flower subdistrict has
# split itself into two projects, which the plan forbids.
PROJECTS: tuple[tuple[object, ...], ...] = tuple(
    (LABELS.codes[number], *steps, *_GRANTS)
    for number, steps in (
        (BANYAN, ("ZL-01", 1, "演示社工服务社", "2010-06-02", "2010-06-10", "2010-06-21", "")),
        (PEARL, ("ZL-02", 2, "", "2010-06-03", "2010-06-11", "2010-06-21", "")),
        (KAPOK, ("ZL-03", 1, "", "2010-06-08", "2010-06-18", "", "")),
        (FERRY, ("ZL-04", 2, "", "2010-06-09", "2010-06-18", "", "")),
        (PAGODA, ("ZL-05", 1, "", "2010-06-17", "", "", "")),
        (FLOWER, ("ZL-06A", 1, "", "2010-06-15", "", "", "")),
        (FLOWER, ("ZL-06B", 2, "", "2010-06-22", "", "", "")),
        (FISHERS, ("ZL-08", 2, "", "2010-06-11", "2010-06-23", "", "")),
        (BRIDGE, ("ZL-09", 1, "", "2010-06-24", "", "", "")),
        (EGRET, ("ZL-10", 1, "", "2010-06-28", "", "", "")),
    )
)


def draw_map() -> CityMap:
    """Draw the demo's map from its letters."""
    owners = [[ord(letter) - ord("A") for letter in row] for row in _OWNERS.split()]
    return CityMap(
        owners=np.maximum(np.array(owners, dtype=np.int64), OUTSIDE),
        styles=np.array([list(row) for row in _STYLES.split()]),
        rivers=(5,),
        strips=((7, RAIL), (9, MOTORWAY)),
        bridges=(5, 9),
        underpasses=(2, 4, 7),
        sandbank=3,
    )


def write_standard(labels: Labels, modes: dict[int, int]) -> str:
    """Write a standard that adopts radius and target, with a pilot list.

    Parameters
    ----------
    labels
        Codes and names of the subdistricts.
    modes
        Operating mode of each subdistrict in the pilot list.
    """
    pilots = [
        f"""
[[pilot]]
code = "{labels.codes[number]}"
name = "{labels.names[number]}"
district = "{labels.district}"
mode = {mode}
grant_wan = {_GRANTS[0]}
city_wan = {_GRANTS[1]}
district_wan = {_GRANTS[2]}
"""
        for number, mode in modes.items()
    ]
    return _STANDARD + "".join(pilots)
