"""Service radii that a standard does not state: tried on the command line, or of older people."""

import math
from dataclasses import replace

from siteplan.errors import Defect, InputError, Text
from siteplan.model import Standard, Threshold
from siteplan.standard.tables import WRITE_NUMBER, is_number

SECONDS = 60  # of a minute
BY_TIME = "--minutes"


def override_radius(standard: Standard, radius_m: float) -> Standard:
    """Return the standard with another service radius, assumed and not adopted.

    It is the same in all districts then.

    Raises
    ------
    InputError
        If it is not a length above 0.
    """
    if not is_number(radius_m):
        problem = Text(f"半径为 {radius_m}", f"the radius is {radius_m}")
        raise InputError(Defect("--radius", problem, WRITE_NUMBER))
    source = Text("命令行 --radius", "command line, --radius")
    return _assume_radius(standard, radius_m, "--radius", source)


def override_time(standard: Standard, minutes: float) -> Standard:
    """Return the standard with the radius that people walk in a time, assumed and not adopted.

    At the standard's `walk_speed`, on the level: stairs and slopes take no longer.

    Raises
    ------
    InputError
        If it is not a time above 0, or the standard gives no speed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from siteplan.standard import read_standard
    >>> override_time(read_standard("guangzhou-2010", Path()), 15).number("service_radius")
    900.0
    """
    speed_m_s = standard.number("walk_speed")
    if speed_m_s is None:
        problem = Text("标准没有给出步行速度 walk_speed", "the standard gives no walk_speed")
        remedy = Text("请加上 [threshold.walk_speed]", "Add [threshold.walk_speed]")
        raise InputError(Defect("--minutes", problem, remedy))
    radius_m = minutes * SECONDS * speed_m_s
    if not is_number(radius_m):
        problem = Text(f"时间为 {minutes} 分钟", f"the time is {minutes} minutes")
        raise InputError(Defect("--minutes", problem, WRITE_NUMBER))
    source = Text(
        f"命令行 --minutes：步行 {minutes:g} 分钟，速度 {speed_m_s:g} 米/秒，未计台阶和坡度",
        f"command line, --minutes: {minutes:g} minutes at {speed_m_s:g} m/s, without regard to"
        " stairs and slopes",
    )
    return _assume_radius(standard, radius_m, BY_TIME, source)


def find_older_radius(standard: Standard) -> float:
    """Return how far older people walk in the time that others take for the service radius.

    nan where the standard gives no radius or no speeds.

    Examples
    --------
    >>> from pathlib import Path
    >>> from siteplan.standard import read_standard
    >>> find_older_radius(read_standard("guangzhou-2010", Path()))
    760.0
    """
    radius_m, speed_m_s, older_m_s = (
        standard.number(name) or math.nan
        for name in ("service_radius", "walk_speed", "walk_speed_older")
    )
    return radius_m * older_m_s / speed_m_s


def _assume_radius(standard: Standard, radius_m: float, by: str, source: Text) -> Standard:
    radius = Threshold(
        name="service_radius", value=radius_m, unit="m", op="<=",
        status="assumed", source=by, clause=None,
    )  # fmt: skip
    return replace(
        standard,
        thresholds={**standard.thresholds, "service_radius": radius},
        sources={**standard.sources, by: source},
        districts={
            district: {name: one for name, one in own.items() if name != "service_radius"}
            for district, own in standard.districts.items()
        },
    )
