"""Plates of a layout plan: A3 sheets as PDF and JPG, an overview and one for each subdistrict.

A sheet has what Chinese planning drawings have (CJJ/T 97, GB/T 14689): a frame with its binding
edge, title, map with north arrow and scale, legend, sources and title block. Whoever plans signs
and numbers it: those fields are empty.
"""

import io
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from PIL import Image

from siteplan.errors import Text, shorten
from siteplan.files import name_safely
from siteplan.model import Evaluation, Finding, Gap, Judgement, Site, Source
from siteplan.outputs.layout.legend import Entry, list_entries, list_overview_entries
from siteplan.outputs.layout.pictures import Picture, Printed
from siteplan.outputs.layout.plate_maps import (
    MAP_MM,
    Inset,
    draw_plate_map,
    draw_plate_overview,
)
from siteplan.outputs.layout.target import choose_target, say_targets
from siteplan.outputs.layout.typesetting import Press, Sheets, make_press
from siteplan.outputs.layout.words import (
    MOST_NAME,
    entitle,
    name_site,
    say_count,
    say_metres,
    say_people,
    say_residents,
    say_scale,
    say_share,
)
from siteplan.outputs.measured import say_measured
from siteplan.outputs.paper.subdistrict_map import MOST_GAPS
from siteplan.outputs.paper.symbols import VERDICT_OF
from siteplan.outputs.report.words import LAYOUT_WORDS, VERDICT_WORDS
from siteplan.outputs.results import METHODS, ROLES, rank_finding
from siteplan.outputs.webmap import list_notices

TEMPLATE = "plate.typ"
DOTS_PER_INCH = 300
JPEG_QUALITY = 88
FOUR_FOUR_FOUR = 0
"""No colour is halved: thin red lines would lose theirs."""
ORDER = ("fail", "unknown", "warn", "pass", "na")
OVERVIEW = "overview"
OVERVIEW_TITLE = Text("社区综合服务中心布局总图", "Community service centres: overview")

Tell = Callable[[Text], None]
MOST_AT_ONCE = 4
"""Plates made at once: each takes some 100 MB."""


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """One sheet, before it is drawn.

    Attributes
    ----------
    number
        From 1.
    name
        Of its files, without a suffix.
    title
        Of the drawing.
    judgement
        Of the subdistrict it shows; None shows all of them.
    """

    number: int
    name: str
    title: Text
    judgement: Judgement | None


def write_plates(
    evaluation: Evaluation, folder: Path, lang: Printed, tell: Tell, crs: str | None = None
) -> list[str]:
    """Write every plate as PDF and as JPG; return their names in the folder, in order.

    A few are made at a time: typesetting and encoding leave Python free. Their maps and images are
    gone before the next ones begin.

    Parameters
    ----------
    evaluation
        What to draw.
    folder
        Where; it must be there. A file of the same name is overwritten.
    lang
        Language; None prints both, the map in Chinese.
    tell
        Called after each plate, in order.
    crs
        Of the layers in the same package, as `choose_target` takes it.

    Raises
    ------
    InputError
        If there is no font with Chinese characters.
    """
    press = make_press(evaluation.case, lang)
    inset = Inset(evaluation)
    plates = list_plates(evaluation)

    def write(plate: Plate) -> list[str]:
        sheet = lay_out(evaluation, plate, len(plates), press, inset, crs)
        written = []
        for suffix, content in (
            (".pdf", sheet.write_pdf()),
            (".jpg", to_jpeg(sheet.draw(DOTS_PER_INCH))),
        ):
            (folder / f"{plate.name}{suffix}").write_bytes(content)
            written.append(f"{plate.name}{suffix}")
        return written

    names = []
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_AT_ONCE)) as pool:
        for plate, written in zip(plates, pool.map(write, plates), strict=True):
            name = shorten(plate.title.zh), shorten(plate.title.en)
            tell(Text(f"图纸 {plate.number}/{len(plates)} {name[0]}",
                      f"plate {plate.number} of {len(plates)}: {name[1]}"))  # fmt: skip
            names += written
    return names


def list_plates(evaluation: Evaluation) -> list[Plate]:
    """Return the sheets there will be: the overview, and the subdistricts in order of code."""
    judgements = evaluation.judgements
    digits = max(2, len(str(len(judgements) + 1)))
    plates = [
        Plate(1, f"{1:0{digits}}_{OVERVIEW}", entitle(OVERVIEW_TITLE, evaluation), None)
    ]  # fmt: skip
    for number, one in enumerate(judgements, start=2):
        name = shorten(one.subdistrict.name, MOST_NAME)
        title = Text(f"{name}社区综合服务中心布局图", f"{name}: community service centre")
        code = name_safely(one.subdistrict.code)
        plates.append(Plate(number, f"{number:0{digits}}_{code}", title, one))
    return plates


def lay_out(  # what one plate has of its own, and what all share
    evaluation: Evaluation,
    plate: Plate,
    total: int,
    press: Press,
    inset: Inset,
    crs: str | None = None,
) -> Sheets:
    """Return one plate with its map, ready to be printed.

    Parameters
    ----------
    evaluation, plate
        What to draw.
    total
        How many plates there are.
    press, inset, crs
        What all plates of a package share.
    """
    judgement = plate.judgement
    if judgement is None:
        drawn = draw_plate_overview(evaluation, press)
        entries = list_overview_entries(evaluation, drawn)
        pictures: dict[str, Picture] = {}
        body = describe_overview(evaluation)
    else:
        drawn = draw_plate_map(evaluation, judgement, press)
        entries = list_entries(evaluation, judgement, drawn)
        pictures = {"inset": inset.draw(judgement.subdistrict.code)}
        body = describe_subdistrict(evaluation, judgement, drawn.missing)
    pictures |= {"map": drawn.picture, **_number_pictures(entries)}
    data = {
        **body,
        **describe_sheet(evaluation, crs),
        "title": plate.title,
        "number": plate.name.split("_")[0],
        "total": str(total),
        "scale": say_scale(drawn.scale),
        "map_mm": list(MAP_MM),
        "legend": [entry.text for entry in entries],
    }
    return press.typeset(TEMPLATE, data, pictures)


def to_jpeg(png: bytes) -> bytes:
    """Return an image as JPG that says how large it is on paper."""
    stream = io.BytesIO()
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        image.convert("RGB").save(
            stream, "JPEG", quality=JPEG_QUALITY, subsampling=FOUR_FOUR_FOUR,
            dpi=(DOTS_PER_INCH, DOTS_PER_INCH),
        )  # fmt: skip
    return stream.getvalue()


def _number_pictures(entries: Sequence[Entry]) -> dict[str, Picture]:
    return {f"legend-{number}": entry.picture for number, entry in enumerate(entries)}


# What stands beside the map


def describe_sheet(evaluation: Evaluation, crs: str | None = None) -> dict[str, object]:
    """Return what every plate says of the case."""
    case = evaluation.case
    target = choose_target(None, case.area)
    return {
        "case": shorten(case.name, 2 * MOST_NAME),
        "crs": say_targets(crs, case.area),
        "datum": target.datum,
        "method": METHODS[evaluation.method],
        "radius": say_metres(case.standard.number("service_radius")),
        "standard": case.standard.title,
        "notices": list_notices(evaluation),
        "sources": describe_sources(case.sources),
        "licences": sorted({one.licence for one in case.sources if one.licence}),
        "program": f"siteplan {version('siteplan')}",
    }


def describe_sources(sources: Sequence[Source]) -> list[Text]:
    """Return what was read for what, in a few words; the report has the list with hashes."""
    files: dict[str, list[str]] = {}
    for one in sources:
        files.setdefault(one.role, []).append(one.path)
    roles: dict[tuple[str, int], list[str]] = {}
    for role, paths in files.items():
        shown = (paths[0], 1) if len(paths) == 1 else ("", len(paths))
        roles.setdefault(shown, []).append(role)
    return [_describe_file(path, count, names) for (path, count), names in roles.items()]


def _describe_file(path: str, count: int, roles: Sequence[str]) -> Text:
    words = [ROLES.get(role, Text(role, role)) for role in roles]
    name = shorten(path.rsplit("/", 1)[-1], MOST_NAME)
    file = Text(name, name) if count == 1 else Text(f"{count} 个文件", f"{count} files")
    zh, en = "、".join(one.zh for one in words), ", ".join(one.en for one in words)
    return Text(f"{zh} {file.zh}", f"{en} {file.en}")


def describe_overview(evaluation: Evaluation) -> dict[str, object]:
    """Return the figures of all judged subdistricts, and each of them with its verdict."""
    summary = evaluation.summary
    verdicts = Counter(one.verdict for one in evaluation.judgements)
    figures = [
        (Text("街道", "Subdistricts"), say_count(summary.subdistricts)),
        (Text("常住人口", "Residents"), say_people(summary.population)),
        (
            say_measured(Text("步行覆盖率", "Covered on foot"), evaluation.method),
            say_share(summary.coverage_ratio),
        ),
        (Text("已覆盖", "Covered"), say_people(summary.covered_population)),
        (Text("直线覆盖率", "By straight line"), say_share(summary.straight_line_coverage_ratio)),
        (Text("无法到达", "Unreachable"), say_people(summary.unreachable_population)),
    ]
    ranked = sorted(
        evaluation.judgements,
        key=lambda one: (
            ORDER.index(one.verdict),
            one.coverage.coverage_ratio,
            one.subdistrict.code,
        ),
    )
    return {
        "figures": [list(pair) for pair in figures],
        "counts": [
            [verdict, VERDICT_WORDS[verdict], say_count(verdicts[verdict])]
            for verdict in VERDICT_WORDS
            if verdicts[verdict]
        ],
        "findings": _describe_findings(evaluation, {"case": ""}),
        "rows": [
            {
                "verdict": one.verdict,
                "name": shorten(one.subdistrict.name, MOST_NAME),
                "people": f"{one.subdistrict.population:,.0f}",
                "share": say_share(one.coverage.coverage_ratio),
                "sites": say_count(len(one.sites)),
            }
            for one in ranked
        ],
    }


def describe_subdistrict(
    evaluation: Evaluation, judgement: Judgement, missing: Sequence[Site]
) -> dict[str, object]:
    """Return the figures of one subdistrict and what was found."""
    subdistrict, coverage, network = judgement.subdistrict, judgement.coverage, judgement.network
    sites = {one.id: one for one in evaluation.case.sites.records}
    own = {id_: name_site(sites[id_]) for id_ in evaluation.worth
           if sites[id_].subdistrict == subdistrict.code}  # fmt: skip
    figures = [
        (Text("常住人口", "Residents"), say_people(subdistrict.population)),
        (
            say_measured(Text("步行覆盖率", "Covered on foot"), evaluation.method),
            say_share(coverage.coverage_ratio),
        ),
        (
            Text("未覆盖", "Not covered"),
            say_people(subdistrict.population - coverage.covered_population),
        ),
        (Text("直线覆盖率", "By straight line"), say_share(coverage.straight_line_ratio)),
        (Text("老年人步速覆盖率", "At older walkers' speed"), say_share(coverage.older_ratio)),
        (
            say_measured(Text("平均步行距离", "Mean walk"), evaluation.method),
            say_metres(coverage.mean_distance_m),
        ),
        (Text("布置方式", "Layout"), LAYOUT_WORDS[judgement.layout]),
        (
            Text("总部", "Headquarters"),
            own.get(network.headquarters or "", "—"),
        ),
    ]
    return {
        "verdict": [judgement.verdict, VERDICT_WORDS[judgement.verdict]],
        "place": " · ".join(filter(None, [subdistrict.district, subdistrict.code])),
        "figures": [list(pair) for pair in figures],
        "findings": _describe_findings(evaluation, {subdistrict.code: "", **own}),
        "gaps": [
            [str(number), _name_gap(one), say_residents(one.population)]
            for number, one in enumerate(judgement.gaps[:MOST_GAPS], start=1)
        ],
        "missing": [name_site(one) for one in missing],
    }


def _name_gap(gap: Gap) -> Text:
    """Return where a gap is; text from a file."""
    name = shorten(gap.name or "", MOST_NAME)
    return Text(f"{name}附近", f"near {name}") if name else Text("未命名", "unnamed")


def _describe_findings(
    evaluation: Evaluation, subjects: Mapping[str, str]
) -> list[dict[str, object]]:
    found = [one for one in evaluation.findings if one.subject in subjects]
    found.sort(key=rank_finding)
    return [_describe_finding(one, subjects[one.subject]) for one in found]


def _describe_finding(finding: Finding, subject: str) -> dict[str, object]:
    return {
        "verdict": VERDICT_OF[finding.severity],
        "code": finding.code,
        "title": finding.title,
        "subject": subject,
        "message": finding.message,
        "clause": finding.clause or "",
    }
