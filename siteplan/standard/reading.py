"""A standard from its files, with every defect of them at once."""

from collections.abc import Mapping
from pathlib import Path

from siteplan.errors import DefectList, Text
from siteplan.model import Standard
from siteplan.standard.figures import read_thresholds, require_thresholds
from siteplan.standard.keys import TITLE_KEYS
from siteplan.standard.layers import check_layer, merge_tables, read_layers
from siteplan.standard.sections import read_districts, read_pilots, read_rules, read_services
from siteplan.standard.tables import (
    Reader,
    as_day,
    as_list,
    as_table,
    as_text,
    read_note,
    read_title,
)
from siteplan.standard.tiers import read_tiers


def read_standard(name: str, folder: Path) -> Standard:
    """Read a standard that siteplan ships, by its id, or one from a TOML file.

    Parameters
    ----------
    name
        An id such as `guangzhou-2010`, or a path ending in `.toml`.
    folder
        What a relative path starts from.

    Raises
    ------
    InputError
        With every defect of the file and of those it extends: unknown keys, thresholds without
        status or source, ….

    Examples
    --------
    >>> read_standard("guangzhou-2010", Path()).thresholds["premises_deadline"].status
    'quoted'
    """
    defects = DefectList()
    layers = read_layers(name, folder, {}, defects)
    reader = Reader(layers, defects=defects)
    tables: dict[str, object] = {}
    for layer in layers:
        check_layer(layer, defects)
        tables = merge_tables(tables, layer.tables)
    reader.sources = as_table(tables.get("source"))
    profile = as_table(tables.get("profile"))
    id_ = str(profile.get("id", name))
    _check_validity(reader, profile)
    standard = Standard(
        id=id_,
        title=read_title(profile) if set(TITLE_KEYS) & set(profile) else Text(id_, id_),
        thresholds=read_thresholds(reader, ("threshold",), as_table(tables.get("threshold"))),
        sources={key: read_title(as_table(entry)) for key, entry in reader.sources.items()},
        rules=read_rules(reader, tables),
        clauses={key: str(value) for key, value in as_table(tables.get("clause")).items()},
        pilots=read_pilots(reader, as_list(tables.get("pilot"))),
        valid_from=as_day(profile.get("valid_from")),
        valid_to=as_day(profile.get("valid_to")),
        note=read_note(profile),
        urls=_read_urls(reader.sources),
        services=read_services(reader, tables),
        tiers=read_tiers(reader, as_table(tables.get("tier"))),
        districts=read_districts(reader, as_table(tables.get("district"))),
    )
    require_thresholds(reader, tables)
    defects.raise_errors()
    return standard


def _check_validity(reader: Reader, profile: Mapping[str, object]) -> None:
    starts, ends = as_day(profile.get("valid_from")), as_day(profile.get("valid_to"))
    if starts and ends and ends < starts:
        problem = Text(
            f"profile.valid_to 为 {ends}，早于 valid_from {starts}",
            f"profile.valid_to is {ends}, before valid_from {starts}",
        )
        remedy = Text("请更正其中一个", "Correct one of them")
        reader.refuse(("profile", "valid_to"), problem, remedy)


def _read_urls(sources: Mapping[str, object]) -> dict[str, str]:
    urls = {key: as_text(as_table(entry).get("url")) for key, entry in sources.items()}
    return {key: url for key, url in urls.items() if url}
