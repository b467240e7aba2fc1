"""Residents for a case, from a raster of people or a table: counted, not written."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from siteplan.crs import FIRST_CGCS2000_ZONE, ZONES
from siteplan.errors import Defect, DefectList, InputError, OutputExistsError, Text
from siteplan.fetch.manifest import FETCHER, is_as_fetched
from siteplan.files import defuse_cell
from siteplan.inputs.boundaries import Boundaries
from siteplan.inputs.headers import find_candidates, refuse_multiples, settle_columns
from siteplan.inputs.population import PopulationRow, note_unused, read_population
from siteplan.inputs.raster import SUFFIXES, RasterCount, count_people, note_coarse, note_holes
from siteplan.inputs.reader import CaseReader
from siteplan.inputs.settings import NAME, Settings, read_settings
from siteplan.inputs.tables import read_table, require_columns
from siteplan.model.counted import WRITTEN, Counted, CountedRow, Places

Tell = Callable[[Text], None]
TABLES = {"population": "data/population.csv", "residents": "data/residents.csv"}
MOST_SOURCE = 200  # characters
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Origin:
    """What is said of the figures on the command line.

    Attributes
    ----------
    year
        Of the figures, where the file does not give one.
    source
        Where they are from.
    census
        A table that wins over them; None if there is none.
    columns
        What the tables call our columns, over the settings of the case.
    """

    year: int
    source: str
    census: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)


def count_population(
    folder: Path, path: Path, origin: Origin, *, tell: Tell = lambda _: None
) -> Counted:
    """Count the residents of each subdistrict of a case on a raster, or read them from a table.

    What the census has wins, and the places of a raster are scaled to it. All else is called an
    estimate, but rows of a table that say `no` in a column `estimated`.

    Parameters
    ----------
    folder
        The case; its population is not needed.
    path
        A GeoTIFF of people in each cell, or a CSV or .xlsx.
    origin
        What is said of the figures.
    tell
        Called with what is being done.

    Raises
    ------
    InputError
        If settings, boundaries, the file or the census cannot be used, or a subdistrict is missing
        from both.
    OutputExistsError
        If the case takes its population or residents from other files than those to be written, or
        siteplan did not write these.
    """
    settings = read_settings(folder)
    is_raster = path.suffix.lower() in SUFFIXES
    reader = CaseReader(folder, settings, [], DefectList())
    _check_origin(origin)
    _check_places(reader, ("population", "residents") if is_raster else ("population",))
    tell(Text("读取边界", "reading boundaries"))
    boundaries = reader.read_boundaries()
    reader.defects.raise_errors()
    if boundaries is None:
        raise InputError(*reader.defects)  # it is None only where a defect says why
    _check_codes(boundaries)
    _check_columns([origin.census] if is_raster else [path, origin.census], origin.columns)
    label, notes = path.name, boundaries.notes
    counts: tuple[RasterCount, ...] = ()
    if is_raster:
        tell(Text("统计栅格人口", "counting people on the raster"))
        counts = count_people(path, label, boundaries)
        figures = {one.code: PopulationRow(one.people) for one in counts}
        notes += (*note_holes(counts), *note_coarse(counts), *_note_datum(settings, boundaries))
    else:
        figures, remarks = _read_figures(path, settings, origin.columns)
        notes += (*note_unused(figures, boundaries.codes), *remarks)
    census: dict[str, PopulationRow] = {}
    if origin.census is not None:
        census, remarks = _read_figures(origin.census, settings, origin.columns)
        notes += (*note_unused(census, boundaries.codes), *remarks)
    rows = _join_rows(boundaries, figures, census, origin, label)
    places = _gather_places(counts, rows, origin) if is_raster else None
    return Counted(rows, places, settings.columns, notes)


def _check_origin(origin: Origin) -> None:
    """Refuse what cannot be said of figures.

    Raises
    ------
    InputError
        If the source is empty or too long, or the year is none.
    """
    defects = DefectList()
    if not origin.source.strip() or len(origin.source) > MOST_SOURCE:
        problem = Text(
            f"--source 应有 1 到 {MOST_SOURCE} 个字",
            f"--source must have 1 to {MOST_SOURCE} characters",
        )
        remedy = Text("请写明来源，如 WorldPop 2020", "Say where they are from: WorldPop 2020")
        defects.append(Defect("", problem, remedy, "fields", field="source"))
    if not FIRST_YEAR <= origin.year <= LAST_YEAR:
        problem = Text(f"--year 为 {origin.year}", f"--year is {origin.year}")
        remedy = Text("请填年份，如 2020", "Give a year, e.g. 2020")
        defects.append(Defect("", problem, remedy, "fields", field="year"))
    defects.raise_errors()


def _check_places(reader: CaseReader, roles: tuple[str, ...]) -> None:
    """Refuse a case whose population or residents are somebody else's work.

    Besides what `write_files` would refuse, before anything is counted: files of other names.

    Raises
    ------
    OutputExistsError
        Naming them.
    """
    defects = []
    for role in roles:
        named = reader.settings.paths.get(role)
        found = None if named else reader.find(role)
        if named or (found is not None and not _is_ours(found, reader.name(found), role)):
            label = named or (reader.name(found) if found else "")
            problem = Text(f"案例的 {role} 已取自此文件", f"the case takes its {role} from here")
            remedy = (
                Text(f"请从 {NAME} 删去 paths.{role}", f"Take paths.{role} out of {NAME}")
                if named
                else Text("请移走它", "Move it away")
            )
            defects.append(Defect(label, problem, remedy, field=role))
    if defects:
        raise OutputExistsError(*defects)


def _is_ours(path: Path, label: str, role: str) -> bool:
    """Whether a file of the case is the one that siteplan writes, and wrote.

    The table of a fetched case is meant to be filled in: it is ours as long as nobody did.
    """
    if label != TABLES[role] or path.is_symlink():
        return False
    with path.open("rb") as stream:
        head = stream.read(4096)  # the header, and a row however long its name
    if f",{FETCHER}".encode() in head and not is_as_fetched(path.parents[1], label):
        return False
    return f",{WRITTEN}".encode() in head


def _check_codes(boundaries: Boundaries) -> None:
    """Refuse codes that a spreadsheet would take for formulas, and a table could not give back.

    Raises
    ------
    InputError
        For each of them.
    """
    defects = DefectList()
    for code in boundaries.codes:
        if defuse_cell(code) != code:
            problem = Text(f"代码 {code!r} 像公式", f"code {code!r} looks like a formula")
            remedy = Text("请更正边界中的代码", "Correct the code in the boundaries")
            defects.append(Defect("", problem, remedy, "fields", field="code"))
    defects.raise_errors()


def _check_columns(tables: Iterable[Path | None], columns: Mapping[str, str]) -> None:
    """Refuse columns that are said and that no table has.

    Raises
    ------
    InputError
        For each of them.
    """
    headers = {path.name: list(read_table(path, path.name)[0][1]) for path in tables if path}
    held = [column for header in headers.values() for column in header]
    require_columns(held, list(columns.values()), ", ".join(headers) or "--column")


def _read_figures(
    path: Path, settings: Settings, columns: Mapping[str, str]
) -> tuple[dict[str, PopulationRow], tuple[Text, ...]]:
    """Read a table whose columns are called as said, as the case calls them, or as people do.

    Raises
    ------
    InputError
        If it cannot be used, or several columns may be meant.
    """
    label = path.name
    header = list(read_table(path, label)[0][1])
    ours = {**settings.columns.get("population", {}), **columns}
    given = {key: column for key, column in ours.items() if column in header}
    settled = settle_columns(find_candidates(header, "population"), given, label, "population")
    if "population" not in settled:
        refuse_multiples(header, label)
    return read_population(path, label, settled)


def _join_rows(
    boundaries: Boundaries,
    figures: Mapping[str, PopulationRow],
    census: Mapping[str, PopulationRow],
    origin: Origin,
    label: str,
) -> tuple[CountedRow, ...]:
    """Return a row for each subdistrict, the census first.

    Raises
    ------
    InputError
        Naming every subdistrict that neither has.
    """
    defects, rows = DefectList(), []
    for code, name in zip(boundaries.codes, boundaries.names, strict=True):
        figure, counted = figures.get(code), census.get(code)
        chosen = counted or figure
        if chosen is None:
            problem = Text(f"没有街道 {code}", f"lacks subdistrict {code}")
            remedy = Text("请补上一行", "Add its row")
            defects.append(Defect(label, problem, remedy, "place", name=name))
            continue
        row = CountedRow(
            code=code,
            name=name,
            people=chosen.population,
            figure=None if figure is None else figure.population,
            census=None if counted is None else counted.population,
            estimated=chosen.estimated is not False,
            source=origin.source.strip(),
            year=chosen.year or origin.year,
            groups=chosen.groups,
        )
        if counted is not None and origin.census is not None:
            source = counted.source or origin.census.name
            estimated = counted.estimated is True
            row = replace(row, estimated=estimated, source=source, year=counted.year)
        rows.append(row)
    defects.raise_errors()
    return tuple(rows)


def _gather_places(
    counts: tuple[RasterCount, ...], rows: tuple[CountedRow, ...], origin: Origin
) -> Places:
    """Return the places of all subdistricts, scaled to what is written of each."""
    factors = [
        row.people / one.people if one.people else 0.0
        for one, row in zip(counts, rows, strict=True)
    ]
    weight = [one.weight * factor for one, factor in zip(counts, factors, strict=True)]
    lon = np.concatenate([one.lon for one in counts])
    lat = np.concatenate([one.lat for one in counts])
    people = np.concatenate(weight)
    kept = people > 0
    return Places(lon[kept], lat[kept], people[kept], origin.source.strip(), origin.year)


def _note_datum(settings: Settings, boundaries: Boundaries) -> tuple[Text, ...]:
    """Say what the boundaries were taken for where they may be those of a Chinese web map."""
    datum = settings.datum.get("boundaries")
    if datum in {"gcj02", "bd09"}:
        name = {"gcj02": "GCJ-02", "bd09": "BD-09"}[datum]
        return (
            Text(f"边界已由 {name} 换算为 WGS84", f"boundaries converted from {name} to WGS84"),
        )
    zones = {f"EPSG:{FIRST_CGCS2000_ZONE + zone}" for zone in range(ZONES)}
    if datum is None and boundaries.crs in zones:
        return (
            Text(
                "边界按 WGS84 处理；若取自高德、腾讯或百度，请在 [datum] 写明，否则人口会错位约"
                " 600 米",
                "boundaries are taken as WGS84; if they are of a Chinese web map, say so under"
                " [datum], or people are counted some 600 m off",
            ),
        )
    return ()
