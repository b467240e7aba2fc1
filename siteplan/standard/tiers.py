"""Life circles (生活圈) of a standard, and the facilities that belong to them."""

import math
from collections.abc import Mapping
from itertools import pairwise

from siteplan.errors import Text
from siteplan.model import Threshold, Tier, TierFacility
from siteplan.model.standard import FACILITY_FIGURES, TIER_FIGURES
from siteplan.standard.figures import read_figures, read_origin
from siteplan.standard.keys import FACILITY_KEYS, TIER_KEYS, TITLE_KEYS
from siteplan.standard.tables import (
    WRITE_NUMBER,
    Reader,
    as_table,
    as_text,
    check_texts,
    is_number,
    read_title,
    require_title,
)


def read_tiers(reader: Reader, entries: Mapping[str, object]) -> tuple[Tier, ...]:
    """Read the life circles, the shortest walk first."""
    tiers = []
    for name, entry in entries.items():
        path, table = ("tier", name), as_table(entry)
        reader.check_keys(table, TIER_KEYS, path)
        require_title(reader, table, path)
        check_texts(reader, table, (*TITLE_KEYS, "clause"), path)
        minutes = table.get("minutes")
        if not is_number(minutes):
            reader.refuse_value(path, "minutes", minutes, WRITE_NUMBER)
            minutes = math.nan
        tiers.append(
            Tier(
                name=name,
                title=read_title(table),
                minutes=minutes,
                clause=as_text(table.get("clause")),
                figures=read_figures(reader, path, table, TIER_FIGURES),
                facilities=_read_facilities(reader, path, as_table(table.get("facility"))),
            )
        )
    ordered = sorted((tier for tier in tiers if tier.minutes > 0), key=lambda tier: tier.minutes)
    for shorter, longer in pairwise(ordered):
        _check_order(reader, shorter, longer)
    return tuple(ordered)


def _check_order(reader: Reader, shorter: Tier, longer: Tier) -> None:
    """Note what does not grow from one tier to the next: minutes, distance, people, ground."""
    path = ("tier", longer.name)
    if longer.minutes == shorter.minutes:
        remedy = Text(
            f"与 tier.{shorter.name} 相同，请更正", f"tier.{shorter.name} has as many: correct one"
        )
        reader.refuse_value(path, "minutes", longer.minutes, remedy)
    for key in TIER_FIGURES:
        if key in shorter.figures and key in longer.figures:
            less, more = _find_most(shorter.figures[key]), _find_most(longer.figures[key])
            if more <= less:
                where = f"tier.{longer.name}.{key}"
                problem = Text(
                    f"{where} 为 {more:g}，未超过步行时间更短的 tier.{shorter.name} 的 {less:g}",
                    f"{where} is {more:g}, not above the {less:g} of tier.{shorter.name}, which is"
                    " a shorter walk",
                )
                remedy = Text("生活圈应由小到大，请更正", "Tiers grow with their minutes")
                reader.refuse((*path, key), problem, remedy)


def _find_most(figure: Threshold) -> float:
    return figure.number if figure.upper is None else figure.upper


def _read_facilities(
    reader: Reader, tier: tuple[str, ...], entries: Mapping[str, object]
) -> tuple[TierFacility, ...]:
    facilities = []
    for name, entry in entries.items():
        path, table = (*tier, "facility", name), as_table(entry)
        reader.check_keys(table, FACILITY_KEYS, path)
        require_title(reader, table, path)
        check_texts(reader, table, TITLE_KEYS, path)
        origin = read_origin(reader, path, table)
        figures = read_figures(reader, path, table, FACILITY_FIGURES)
        if origin is not None:
            facilities.append(
                TierFacility(
                    name=name,
                    title=read_title(table),
                    figures=figures,
                    status=origin["status"],
                    source=origin["source"],
                    clause=origin["clause"],
                    note=origin["note"],
                )
            )
    return tuple(facilities)
