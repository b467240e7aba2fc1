"""What streets need to propose venues."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import VIOLATIONS, main, say_error, settle_language
from siteplan.cli.folders import refuse_input
from siteplan.cli.options import (
    case_argument,
    case_option,
    files_argument,
    fix_option,
    json_option,
    lang_option,
    out_option,
    strict_option,
    subdistrict_option,
    xlsx_option,
)
from siteplan.errors import Language, SiteplanError, Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siteplan.model import CheckedFile


@main.command()
@files_argument
@case_option
@fix_option
@lang_option()
@json_option
@strict_option("on a warning too")
@click.pass_context
def check(ctx: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401
    """Find everything that is wrong with proposal FILES before they are sent.

    GeoJSON, XLSX or CSV. With --case DIR places are checked too. Exits with 1 if there is an error.
    """
    lang = settle_language(ctx, options["lang"])

    from siteplan.check import check_files
    from siteplan.files import clean_text
    from siteplan.outputs.checks import say_check, write_check

    checked = check_files(files, options["case"])
    made, failures = _write_corrections(checked, lang) if options["fix"] else ([], [])
    mended = check_files(made, options["case"]) if made else []
    judged = [*(file for file in checked if not made or file.correction is None), *mended]
    if options["as_json"]:
        sys.stdout.buffer.write(write_check([*checked, *mended]))
    else:
        click.echo(say_check([*checked, *mended], lang))
        for path in map(str, made):
            click.echo(clean_text(Text(f"已写出 {path}", f"wrote {path}").say(lang)))
    for failure in failures:
        for line in say_error(failure, lang):
            click.echo(line, err=True)
    if failures:
        ctx.exit(failures[0].exit_code)
    severities = {defect.severity for file in judged for defect in file.defects}
    if "error" in severities or (options["strict"] and "warning" in severities):
        ctx.exit(VIOLATIONS)


def _write_corrections(
    checked: "Sequence[CheckedFile]", lang: Language
) -> tuple[list[Path], list[SiteplanError]]:
    """Write the corrected copies there are; return them, and why others could not be written."""
    from siteplan.outputs.corrected import write_correction

    made: list[Path] = []
    failures: list[SiteplanError] = []
    for file in checked:
        try:
            if file.correction is not None:
                made.append(write_correction(file, file.correction, lang))
        except SiteplanError as error:
            failures.append(error)
    return made, failures


@main.command()
@case_argument
@subdistrict_option
@xlsx_option
@out_option
@lang_option(" and of the template, and the one that the page opens in")
@click.pass_context
def form(ctx: click.Context, /, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Write what a street fills in to propose venues: one offline page, or an Excel template.

    For one subdistrict of CASE with --subdistrict, else for all of them, into CASE/maps.
    """
    lang = settle_language(ctx, options["lang"])

    from siteplan.evaluate import choose_subdistricts
    from siteplan.inputs.case import read_case
    from siteplan.outputs.folder import write_form_page, write_form_workbook

    folder = options["out"] or case / "maps"
    refuse_input(folder, case)
    read = read_case(case)
    codes = [read.area.codes[index] for index in choose_subdistricts(read, options["subdistricts"])]
    if options["xlsx"]:
        click.echo(write_form_workbook(read, codes, folder, lang))
    else:
        click.echo(write_form_page(read, codes, folder, options["lang"]))


@main.command()
@click.argument("name", type=click.Choice(["proposal", "review"]))
def schema(name: str) -> None:
    """Print the JSON Schema of what a street sends, or of the decisions that a reviewer saves."""
    from siteplan.outputs.schemas import write_schema

    sys.stdout.buffer.write(write_schema(name))
