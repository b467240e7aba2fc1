"""Hold two evaluations against each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import VIOLATIONS, main, print_result, settle_language
from siteplan.cli.folders import refuse_input
from siteplan.cli.options import (
    across_option,
    after_argument,
    before_argument,
    compared_out_option,
    json_option,
    lang_option,
    strict_option,
)
from siteplan.errors import Language, Text

if TYPE_CHECKING:
    from siteplan.inputs.evaluations import Found
    from siteplan.model import StudyArea
    from siteplan.model.comparison import Comparison


@main.command()
@before_argument
@after_argument
@compared_out_option
@across_option
@lang_option(", and the one that pages open in")
@json_option
@strict_option("if the verdict of a subdistrict is worse or its coverage lower")
@click.pass_context
def compare(ctx: click.Context, /, before: Path, after: Path, **options: Any) -> None:  # noqa: ANN401
    """Say what changed from evaluation A to evaluation B, where, and why.

    Each is an evaluation.json, a folder maps that holds one, or a case that was evaluated. Prints
    only; nothing is written unless --out is given.
    """
    lang = settle_language(ctx, options["lang"])

    from siteplan.compare import compare_evaluations
    from siteplan.errors import DefectList
    from siteplan.inputs.evaluations import find_evaluation, read_evaluation
    from siteplan.outputs.comparison import say_comparison, write_comparison, write_folder

    defects, sides = DefectList(), []
    for path in (before, after):
        with defects.collect():
            found = find_evaluation(path)
            sides.append((found, read_evaluation(found.path, path.as_posix())))
    defects.raise_errors()
    for found, _ in sides:
        if options["out"] is not None and found.case is not None:
            refuse_input(options["out"], found.case)
    (old, recorded), (new, current) = sides
    comparison = compare_evaluations(recorded, current, across_methods=options["across_methods"])
    as_json = options["as_json"]
    print_result(write_comparison(comparison) if as_json else say_comparison(comparison, lang))
    if options["out"] is not None:
        areas, as_judged = _find_boundaries((new, old), comparison, lang)
        area, former = (*areas, None, None)[:2]
        page = write_folder(
            comparison,
            options["out"],
            area,
            (options["lang"], lang),
            former=former,
            as_judged=as_judged,
        )
        click.echo(page, err=as_json)
    if options["strict"] and comparison.worse:
        ctx.exit(VIOLATIONS)


def _find_boundaries(
    places: "tuple[Found, ...]", comparison: "Comparison", lang: Language
) -> "tuple[list[StudyArea], bool]":
    """Return the boundaries of each case that has any, and whether the first are as judged."""
    from siteplan.errors import InputError
    from siteplan.files import clean_text, hash_file
    from siteplan.inputs.case import read_place

    judged = {
        source.sha256
        for side in (comparison.after, comparison.before)
        for source in side.sources
        if source.role == "boundaries"
    }
    areas: list[StudyArea] = []
    as_judged = True
    for folder in dict.fromkeys(place.case for place in places if place.case is not None):
        try:
            read = read_place(folder)
        except InputError as error:
            told = clean_text(error.defects[0].say(lang))
            word = Text("提醒：地图没有边界：", "Warning: the map has no boundaries: ")
            click.echo(f"{word.say(lang)}{told}", err=True)
            continue
        if not areas:
            as_judged = {hash_file(path) for path in read.boundaries} <= judged
        areas.append(read.area)
    return areas, as_judged
