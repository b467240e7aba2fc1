"""Judge a case, and say why."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import (
    VIOLATIONS,
    main,
    print_result,
    report_progress,
    report_refused,
    settle_language,
)
from siteplan.cli.folders import refuse_input
from siteplan.cli.options import (
    basemap_option,
    case_argument,
    distance_option,
    home_option,
    json_option,
    lang_option,
    minutes_option,
    out_option,
    quiet_option,
    radius_option,
    standard_option,
    strict_option,
    subdistrict_option,
)
from siteplan.errors import Language, Text

if TYPE_CHECKING:
    from siteplan.model import DistanceMethod, Evaluation


@main.command()
@case_argument
@out_option
@radius_option
@minutes_option
@standard_option
@subdistrict_option
@distance_option
@basemap_option
@lang_option(", and the one that pages open in")
@json_option
@strict_option("if there is a violation")
@quiet_option
@click.pass_context
def evaluate(ctx: click.Context, /, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Judge every proposal of CASE (default: the current directory).

    Writes into CASE/maps: the map index.html with a page for each subdistrict, report.html to
    print, evaluation.json and findings.csv.
    """
    lang = settle_language(ctx, options["lang"])
    _refuse_both(options["radius_m"], options["minutes"])
    tell = report_progress(lang, quiet=options["quiet"])

    from siteplan.evaluate import evaluate as judge  # heavy imports wait until a command runs
    from siteplan.inputs.case import read_case
    from siteplan.outputs.folder import write_folder
    from siteplan.outputs.results import write_json
    from siteplan.outputs.summary import say_summary
    from siteplan.outputs.webmap.basemap import parse_basemap

    folder = options["out"] or case / "maps"
    refuse_input(folder, case)
    basemap = parse_basemap(options["basemap"]) if options["basemap"] is not None else None
    read = read_case(case, standard=options["standard"], tell=tell)
    distance: DistanceMethod | None = options["distance"]
    evaluation = judge(
        read,
        radius_m=options["radius_m"],
        minutes=options["minutes"],
        subdistricts=options["subdistricts"],
        distance=distance,
        tell=tell,
    )
    tell(Text("写出地图", "writing the map"))
    page = write_folder(evaluation, folder, options["lang"], basemap)
    if options["as_json"]:
        sys.stdout.buffer.write(write_json(evaluation))
    else:
        click.echo(say_summary(evaluation, lang))
        click.echo(page)
    _finish(ctx, evaluation, lang, strict=options["strict"])


def _finish(ctx: click.Context, evaluation: "Evaluation", lang: Language, *, strict: bool) -> None:
    """Report refused proposals, and leave with the exit code the result asks for."""
    report_refused(ctx, evaluation.case, lang)
    if strict and evaluation.summary.violations:
        ctx.exit(VIOLATIONS)


@main.command()
@click.argument("subject")
@home_option
@radius_option
@minutes_option
@standard_option
@distance_option
@lang_option()
@json_option
@quiet_option
@click.pass_context
def explain(ctx: click.Context, /, subject: str, **options: Any) -> None:  # noqa: ANN401
    """Say why SUBJECT got its verdict, and what would change it.

    SUBJECT is the code or name of a subdistrict, or the id or name of a site.
    """
    lang = settle_language(ctx, options["lang"])
    _refuse_both(options["radius_m"], options["minutes"])
    tell = report_progress(lang, quiet=options["quiet"])

    from siteplan.explain import explain as find_reasons
    from siteplan.inputs.case import read_case
    from siteplan.outputs.explanation import say_explanation, write_explanation

    read = read_case(options["case"], standard=options["standard"], tell=tell)
    explanation = find_reasons(
        read,
        subject,
        radius_m=options["radius_m"],
        minutes=options["minutes"],
        distance=options["distance"],
        tell=tell,
    )
    as_json = options["as_json"]
    print_result(write_explanation(explanation) if as_json else say_explanation(explanation, lang))
    report_refused(ctx, read, lang)


def _refuse_both(radius_m: float | None, minutes: float | None) -> None:
    if radius_m is not None and minutes is not None:
        message = "Give --radius or --minutes, not both."
        raise click.UsageError(message)
