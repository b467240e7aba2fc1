"""Take what the planning bureau decided into a case."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import VIOLATIONS, main, print_result, report_progress, settle_language
from siteplan.cli.options import (
    home_option,
    json_option,
    lang_option,
    quiet_option,
    reviews_argument,
    strict_option,
)
from siteplan.errors import Language, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteplan.model import Case, Decision
    from siteplan.review import Merged


@main.command()
@reviews_argument
@home_option
@lang_option()
@json_option
@strict_option("where reviewers contradict each other")
@quiet_option
@click.pass_context
def review(ctx: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401
    """Merge decisions on sites, FILES that reviewers saved from the map, into a case.

    They are kept in data/reviews.json. Prints which are in force, in conflict, or made on an
    earlier evaluation. Without FILE it prints only.
    """
    lang = settle_language(ctx, options["lang"])
    tell, folder = report_progress(lang, quiet=options["quiet"]), options["case"]

    from dataclasses import replace

    from siteplan.evaluate import evaluate as judge
    from siteplan.inputs.case import read_case
    from siteplan.outputs.results import to_document
    from siteplan.outputs.reviews import count_decisions, say_reviews, write_decided
    from siteplan.review import merge_reviews

    read = read_case(folder, tell=tell)
    new = _read_reviews(files, read, lang)
    evaluation = judge(read, tell=tell)
    merged = _keep_decisions(folder, new) if new else merge_reviews(read.reviews, ())
    case = replace(evaluation.case, reviews=merged.decisions)
    document, added = to_document(replace(evaluation, case=case)), len(merged.added)
    as_json = options["as_json"]
    print_result(write_decided(document, added) if as_json else say_reviews(document, added, lang))
    if options["strict"] and count_decisions(document)["conflict"]:
        ctx.exit(VIOLATIONS)


def _read_reviews(files: "Sequence[Path]", case: "Case", lang: Language) -> "list[Decision]":
    """Read the decisions of all files, or raise all that is wrong with any of them."""
    from siteplan.errors import DefectList
    from siteplan.files import clean_text
    from siteplan.inputs.reviews import read_review

    words = {"warning": Text("提醒：", "Warning: "), "note": Text("说明：", "Note: ")}
    defects, remarks = DefectList(), DefectList()
    decisions: list[Decision] = []
    for path in files:
        with defects.collect():
            read, notes = read_review(path, str(path), case)
            decisions += read.decisions
            remarks += notes
    defects.raise_errors()
    for remark in remarks:
        word = words[remark.severity].say(lang)
        click.echo(f"{word}{clean_text(remark.say(lang))}", err=True)
    return decisions


def _keep_decisions(folder: Path, new: "Sequence[Decision]") -> "Merged":
    """Add decisions to those that a case keeps; nothing is written where none is new."""
    from siteplan.files import lock_folder, write_files
    from siteplan.inputs.reviews import read_reviews
    from siteplan.outputs.reviews import FOLDER, MARK, NAME, write_reviews
    from siteplan.review import merge_reviews

    path = folder / FOLDER / NAME
    with lock_folder(folder):  # so that of two at a time neither loses what the other adds
        kept = read_reviews(path, f"{FOLDER}/{NAME}") if path.exists() else ()
        merged = merge_reviews(kept, new)
        if merged.added:
            write_files(path.parent, {NAME: write_reviews(merged.decisions)}, {NAME: MARK})
    return merged
