"""An `evaluation.json` that was written before, read strictly: nothing in it is guessed or mended.

The file is siteplan's own, but it comes from outside: by mail, from another office, years old. All
that is wrong with it is reported together. Keys that the format has had from the start are
required; those that came later may be missing, which is named and never filled in.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, cast, get_args

from siteplan.errors import Defect, InputError, Text, shorten
from siteplan.files import hash_file, read_text
from siteplan.inputs.limits import Limits, check_size
from siteplan.inputs.strict_json import Doubled, parse_json, say_doubled
from siteplan.inputs.typed_json import LARGEST, DocumentReader, Table
from siteplan.model import DistanceMethod, FindingSeverity, Layout, Role, Status, Verdict
from siteplan.model.recorded import (
    SITE_FIGURES,
    SUBDISTRICT_FIGURES,
    SUMMARY_FIGURES,
    Figures,
    FigureUnit,
    RecordedEvaluation,
    RecordedFinding,
    RecordedGap,
    RecordedSite,
    RecordedSource,
    RecordedSubdistrict,
    RecordedThreshold,
    Value,
)

FORMAT = "siteplan-evaluation/1"
FILE_NAME, MAPS, DATA = "evaluation.json", "maps", "data"
LIMITS = Limits(megabytes=300, nesting=12)
MOST_VALUES = 20_000_000
LON_LIMIT, LAT_LIMIT = 180.0, 90.0
LATER = frozenset(
    {
        "added_own_population", "alone_own_population", "districts", "evaluation_sha256",
        "farthest_distance_m", "floor_area_m2", "gaps",
        "load_per_m2", "losses", "lost_own_population", "older_coverage_ratio", "p90_detour_factor",
        "shared_own_population", "title",
    }
)  # fmt: skip
"""Keys that the first files of the format did not have."""
EVALUATE_AGAIN = Text(
    "请用 siteplan evaluate 重新评审", "Evaluate that case again with siteplan evaluate"
)
TAKE_ORIGINAL = Text("请使用 siteplan 写出的原文件", "Take the file as siteplan wrote it")


class Found(NamedTuple):
    """Where an evaluation lies.

    Attributes
    ----------
    path
        The file.
    case
        The folder of its case; None where there is none around it.
    """

    path: Path
    case: Path | None


def find_evaluation(path: Path) -> Found:
    """Find the evaluation that a path means: the file, a folder that holds it, or a case.

    Raises
    ------
    InputError
        If there is none.
    """
    if path.is_file():
        return Found(path, _find_case(path))
    if (path / FILE_NAME).is_file():
        return Found(path / FILE_NAME, _find_case(path / FILE_NAME))
    if (path / MAPS / FILE_NAME).is_file():
        return Found(path / MAPS / FILE_NAME, path)
    problem = (
        Text(f"没有 {FILE_NAME}", f"holds no {FILE_NAME}")
        if path.exists()
        else Text("不存在", "does not exist")
    )
    remedy = Text(
        "请给出 evaluation.json、maps 文件夹或已评审的案例",
        "Name an evaluation.json, a folder maps, or a case that was evaluated",
    )
    raise InputError(Defect(str(path), problem, remedy))


def _find_case(path: Path) -> Path | None:
    """Return the case in whose folder of maps a file lies."""
    folder = path.absolute().parent.parent
    return folder if (folder / DATA).is_dir() else None


def read_evaluation(path: Path, label: str) -> RecordedEvaluation:
    """Read an evaluation as it was written down.

    Parameters
    ----------
    path, label
        The file, and its name in messages and outputs.

    Raises
    ------
    InputError
        With all that is wrong, if it is not a file of the format.
    """
    try:
        check_size(path, label, LIMITS)
        text = read_text(path, label).removeprefix("\ufeff")
        parsed = parse_json(text, label, nesting=LIMITS.nesting, values=MOST_VALUES)
    except InputError as error:
        raise InputError(*(replace(one, remedy=TAKE_ORIGINAL) for one in error.defects)) from error
    document = parsed.document
    found = document.get("format") if isinstance(document, dict) else None
    if not isinstance(document, dict) or found != FORMAT:
        shown = shorten(repr(found))
        problem = Text(
            f"不是 {FORMAT} 文件，format 为 {shown}",
            f"is not a file of the format {FORMAT}: it says {shown}",
        )
        raise InputError(Defect(label, problem, EVALUATE_AGAIN))
    reader = DocumentReader(label, TAKE_ORIGINAL, LATER)
    if isinstance(document, Doubled):
        reader.tell(say_doubled(document))
    for oddity in [*(one.message for one in parsed.commas), *parsed.oddities]:
        reader.tell(oddity)
    evaluation = _read_document(reader, document, hash_file(path))
    reader.raise_defects()
    return replace(evaluation, missing=reader.missing)


def _read_document(reader: DocumentReader, document: Table, sha256: str) -> RecordedEvaluation:
    """Return the evaluation; it counts only where there is no defect."""
    standard, distance = (reader.read_table(document, key) for key in ("standard", "distance"))
    subdistricts = [
        _read_subdistrict(reader, one, where)
        for one, where in reader.read_tables(document, "subdistricts")
    ]
    sites = [_read_site(reader, one, where) for one, where in reader.read_tables(document, "sites")]
    _find_twins(reader, (one.code for one in subdistricts), "subdistricts")
    _find_twins(reader, (one.id for one in sites), "sites")
    method = reader.read_word(distance, "method", get_args(DistanceMethod), "distance.")
    return RecordedEvaluation(
        label=reader.label,
        sha256=sha256,
        case=reader.read_label(document, "case") or "",
        date=reader.read_day(document, "date"),
        version=reader.read_text(document, "siteplan_version"),
        crs=reader.read_text(document, "crs"),
        method=cast("DistanceMethod", method),
        standard=reader.read_text(standard, "id", "standard."),
        title=reader.read_pair(standard, "title", "standard."),
        radius_m=reader.read_figure(standard, "service_radius_m", "standard."),
        snap_limit_m=reader.read_figure(distance, "snap_limit_m", "distance."),
        thresholds=_read_thresholds(reader, standard),
        districts=_read_districts(reader, standard),
        sources=tuple(
            RecordedSource(
                role=reader.read_text(one, "role", where),
                path=reader.read_text(one, "path", where),
                sha256=reader.read_text(one, "sha256", where),
                datum=reader.read_label(one, "datum", where),
            )
            for one, where in reader.read_tables(document, "sources")
        ),
        refused=tuple(
            reader.read_text(one, "path", where)
            for one, where in reader.read_tables(document, "refused")
        ),
        summary=_read_figures(
            reader, reader.read_table(document, "summary"), SUMMARY_FIGURES, "summary."
        ),
        subdistricts={one.code: one for one in sorted(subdistricts, key=lambda one: one.code)},
        sites={one.id: one for one in sorted(sites, key=lambda one: one.id)},
        findings=tuple(
            _read_finding(reader, one, where)
            for one, where in reader.read_tables(document, "findings")
        ),
    )


def _find_twins(reader: DocumentReader, keys: Iterable[str], name: str) -> None:
    """Note what stands twice: what is matched by its key must be the only one."""
    for key, count in Counter(keys).items():
        if count > 1 and key:
            shown = shorten(key)
            reader.tell(
                Text(f"{name} 中 {shown} 出现 {count} 次", f"has {shown} {count} times in {name}")
            )


def _read_figures(
    reader: DocumentReader, table: Table, names: Mapping[str, FigureUnit], where: str
) -> Figures:
    return {
        name: reader.read_figure(table, name, where, 1.0 if unit == "ratio" else LARGEST)
        for name, unit in names.items()
    }


def _read_thresholds(reader: DocumentReader, standard: Table) -> dict[str, RecordedThreshold]:
    table, thresholds = reader.read_table(standard, "thresholds", "standard."), {}
    for name in table:
        one = reader.read_table(table, name, "standard.thresholds.")
        where = f"standard.thresholds.{shorten(name)}."
        thresholds[name] = RecordedThreshold(
            value=reader.read_value(one, "value", where),
            unit=reader.read_label(one, "unit", where),
            op=reader.read_text(one, "op", where),
            status=reader.read_text(one, "status", where),
        )
    return thresholds


def _read_districts(
    reader: DocumentReader, standard: Table
) -> dict[str, Mapping[str, Value | None]]:
    if not reader.has(standard, "districts", "standard."):
        return {}
    table, place = reader.read_table(standard, "districts", "standard."), "standard.districts."
    districts: dict[str, Mapping[str, Value | None]] = {}
    for name in table:
        own = reader.read_table(table, name, place)
        where = f"{place}{shorten(name)}."
        districts[name] = {key: reader.read_value(own, key, where) for key in own}
    return districts


def _read_subdistrict(reader: DocumentReader, table: Table, where: str) -> RecordedSubdistrict:
    network, place = reader.read_table(table, "network", where), f"{where}network."
    verdicts = get_args(Verdict)
    rules = reader.read_table(table, "rules", where)
    connected = reader.read_flag(network, "connected", place)
    return RecordedSubdistrict(
        code=reader.read_text(table, "code", where),
        name=reader.read_text(table, "name", where),
        district=reader.read_label(table, "district", where),
        layout=cast("Layout", reader.read_word(table, "layout", get_args(Layout), where)),
        verdict=cast("Verdict", reader.read_word(table, "verdict", verdicts, where)),
        rules={
            code: cast("Verdict", reader.read_word(rules, code, verdicts, f"{where}rules."))
            for code in rules
        },
        figures={
            **_read_figures(reader, table, SUBDISTRICT_FIGURES, where),
            **_read_groups(reader, table, where),
        },
        sites=reader.read_texts(table, "sites", where),
        headquarters=reader.read_label(network, "headquarters", place),
        connected=connected,
        links=_read_by_site(reader, network, "links", "distance_m", place),
        losses=_read_by_site(reader, network, "losses", "coverage_ratio", place)
        if reader.has(network, "losses", place)
        else None,
        gaps=tuple(
            _read_gap(reader, one, deeper)
            for one, deeper in reader.read_tables(table, "gaps", where)
        )
        if reader.has(table, "gaps", where)
        else None,
        sha256=reader.read_label(table, "evaluation_sha256", where),
    )


def _read_groups(reader: DocumentReader, table: Table, where: str) -> dict[str, float | None]:
    groups, figures = reader.read_table(table, "groups", where), {}
    for name in groups:
        own, place = reader.read_table(groups, name, f"{where}groups."), f"{where}groups.{name}."
        for key, most in (("population", LARGEST), ("coverage_ratio", 1.0)):
            figures[f"groups.{name}.{key}"] = reader.read_figure(own, key, place, most)
    return figures


def _read_by_site(
    reader: DocumentReader, table: Table, key: str, figure: str, where: str
) -> dict[str, float | None]:
    """Return a figure of each site of a list."""
    most = 1.0 if figure.endswith("_ratio") else LARGEST
    return {
        reader.read_text(one, "site", place): reader.read_figure(one, figure, place, most)
        for one, place in reader.read_tables(table, key, where)
    }


def _read_gap(reader: DocumentReader, table: Table, where: str) -> RecordedGap:
    told = reader.has(table, "farthest_distance_m", where)  # the mean came with it
    return RecordedGap(
        population=reader.read_number(table, "population", where),
        unreachable_population=reader.read_number(table, "unreachable_population", where),
        lon=reader.read_number(table, "lon", where, LON_LIMIT, -LON_LIMIT),
        lat=reader.read_number(table, "lat", where, LAT_LIMIT, -LAT_LIMIT),
        radius_m=reader.read_number(table, "radius_m", where),
        distance_m=reader.read_figure(table, "distance_m", where),
        nearest=reader.read_label(table, "nearest", where),
        name=reader.read_label(table, "name", where),
        mean_distance_m=reader.read_figure(table, "mean_distance_m", where) if told else None,
        farthest_distance_m=reader.read_figure(table, "farthest_distance_m", where)
        if told
        else None,
    )


def _read_site(reader: DocumentReader, table: Table, where: str) -> RecordedSite:
    role = None
    if reader.read_label(table, "role", where) is not None:
        role = reader.read_word(table, "role", get_args(Role), where)
    return RecordedSite(
        id=reader.read_text(table, "id", where),
        name=reader.read_label(table, "name", where),
        subdistrict=reader.read_label(table, "subdistrict", where),
        status=cast("Status", reader.read_word(table, "status", get_args(Status), where)),
        role=cast("Role | None", role),
        lon=reader.read_number(table, "lon", where, LON_LIMIT, -LON_LIMIT),
        lat=reader.read_number(table, "lat", where, LAT_LIMIT, -LAT_LIMIT),
        figures=_read_figures(reader, table, SITE_FIGURES, where),
    )


def _read_finding(reader: DocumentReader, table: Table, where: str) -> RecordedFinding:
    severities = get_args(FindingSeverity)
    return RecordedFinding(
        code=reader.read_text(table, "code", where),
        severity=cast("FindingSeverity", reader.read_word(table, "severity", severities, where)),
        subject=reader.read_text(table, "subject", where),
        title=reader.read_pair(table, "title", where),
        message=reader.read_pair(table, "message", where),
        measured=reader.read_value(table, "measured", where),
        unit=reader.read_label(table, "unit", where),
        threshold=reader.read_value(table, "threshold", where),
        threshold_status=reader.read_label(table, "threshold_status", where),
    )
