"""The siteplan command: parse arguments, call the library, print. Nothing else."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteplan.errors import Language, SiteplanError, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from siteplan.model import CheckedFile, DistanceMethod, Evaluation

VIOLATIONS = 1
INTERRUPTED = 130


def _choose_language() -> Language:
    """Return the language of messages: Chinese where the system speaks it."""
    spoken = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    return "zh" if spoken.lower().startswith("zh") else "en"


case_argument = click.argument(
    "case", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path()
)
out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder to write to.  [default: CASE/maps]",
)
radius_option = click.option(
    "--radius",
    "radius_m",
    type=click.FloatRange(min=0, min_open=True, max=100_000),
    metavar="METRES",
    help="Service radius to try instead of the standard's; counts as assumed.",
)
minutes_option = click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True, max=1000),
    metavar="MIN",
    help="Walking time to try instead of the radius, at the standard's speed; counts as assumed.",
)
standard_option = click.option(
    "--standard",
    metavar="ID|FILE",
    help="Planning standard to judge by instead of the case's: an id, or a TOML file.",
)
subdistrict_option = click.option(
    "--subdistrict",
    "subdistricts",
    multiple=True,
    metavar="CODE",
    help="Only this subdistrict (code or name); may be given several times.",
)
distance_option = click.option(
    "--distance",
    type=click.Choice(["roads", "straight-line"]),
    help="How to measure.  [default: roads, if the case has any]",
)
lang_option = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    help="Language of messages, and the one that pages open in.  [default: the system's]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
strict_option = click.option(
    "--strict", is_flag=True, help="Exit with 1 on violations; of a check, on warnings too."
)
case_option = click.option(
    "--case",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Case to check places against.",
)
xlsx_option = click.option(
    "--xlsx", is_flag=True, help="Write an Excel template instead of a page."
)
fix_option = click.option(
    "--fix",
    is_flag=True,
    help="Write NAME.fixed.EXT beside each file, with what is beyond doubt put right, and a log.",
)
files_argument = click.argument(
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    required=True,
    metavar="FILE…",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress on stderr.")


class Reporting(click.Group):
    """A group that shows siteplan's own errors as messages, and lets bugs through as tracebacks."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except SiteplanError as error:
            lang: Language = ctx.obj or _choose_language()
            for line in _say_error(error, lang):
                click.echo(line, err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(cls=Reporting, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="siteplan")
def main() -> None:
    """Plan public-service sites: who is reached on foot, by which site, and why."""


@main.command()
@case_argument
@out_option
@radius_option
@minutes_option
@standard_option
@subdistrict_option
@distance_option
@lang_option
@json_option
@strict_option
@quiet_option
@click.pass_context
def evaluate(ctx: click.Context, /, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Judge every proposal of CASE (default: the current directory).

    Writes the map index.html, evaluation.json and findings.csv into CASE/maps.
    """
    lang: Language = options["lang"] or _choose_language()
    ctx.find_root().obj = lang
    if options["radius_m"] is not None and options["minutes"] is not None:
        message = "Give --radius or --minutes, not both."
        raise click.UsageError(message)
    tell = _report_progress(lang, quiet=options["quiet"])

    from siteplan.evaluate import evaluate as judge  # heavy imports wait until a command runs
    from siteplan.inputs.case import read_case
    from siteplan.outputs.folder import write_folder
    from siteplan.outputs.results import write_json
    from siteplan.outputs.summary import say_summary

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
    page = write_folder(evaluation, options["out"] or case / "maps", options["lang"])
    if options["as_json"]:
        sys.stdout.buffer.write(write_json(evaluation))
    else:
        click.echo(say_summary(evaluation, lang))
        click.echo(page)
    _finish(ctx, evaluation, lang, strict=options["strict"])


@main.command()
@files_argument
@case_option
@fix_option
@lang_option
@json_option
@strict_option
@click.pass_context
def check(ctx: click.Context, /, files: tuple[Path, ...], **options: Any) -> None:  # noqa: ANN401
    """Find everything that is wrong with proposal FILES before they are sent.

    GeoJSON, XLSX or CSV. With --case DIR places are checked too. Exits with 1 if there is an error.
    """
    lang: Language = options["lang"] or _choose_language()
    ctx.find_root().obj = lang

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
        for line in _say_error(failure, lang):
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
@lang_option
@click.pass_context
def form(ctx: click.Context, /, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Write what a street fills in to propose venues: one offline page, or an Excel template.

    For one subdistrict of CASE with --subdistrict, else for all of them, into CASE/maps.
    """
    lang: Language = options["lang"] or _choose_language()
    ctx.find_root().obj = lang

    from siteplan.evaluate import choose_subdistricts
    from siteplan.inputs.case import read_case
    from siteplan.outputs.folder import write_form_page, write_form_workbook

    read, folder = read_case(case), options["out"] or case / "maps"
    codes = [read.area.codes[index] for index in choose_subdistricts(read, options["subdistricts"])]
    if options["xlsx"]:
        click.echo(write_form_workbook(read, codes, folder, lang))
    else:
        click.echo(write_form_page(read, codes, folder, options["lang"]))


@main.command()
@click.argument("name", type=click.Choice(["proposal"]))
def schema(name: str) -> None:  # noqa: ARG001  # the only one so far
    """Print the JSON Schema of what a street sends."""
    from siteplan.outputs.schemas import write_schema

    sys.stdout.buffer.write(write_schema())


@main.group(invoke_without_command=True)
@lang_option
@json_option
@click.pass_context
def standards(ctx: click.Context, lang: Language | None, *, as_json: bool) -> None:
    """List the planning standards that come with siteplan; show or validate one."""
    ctx.find_root().obj = lang or _choose_language()
    if ctx.invoked_subcommand is not None:
        return
    from siteplan.outputs.standards import say_list, write_list
    from siteplan.standard import list_shipped, read_standard

    shipped = [read_standard(id_, Path()) for id_ in list_shipped()]
    _print(write_list(shipped) if as_json else say_list(shipped, ctx.find_root().obj))


@standards.command("show")
@click.argument("name", metavar="ID|FILE")
@lang_option
@json_option
@click.pass_context
def show_standard(ctx: click.Context, name: str, lang: Language | None, *, as_json: bool) -> None:
    """Show every figure of a standard, and where it comes from."""
    ctx.find_root().obj = lang = lang or _choose_language()
    from siteplan.outputs.standards import say_standard, write_standard
    from siteplan.standard import read_standard

    standard = read_standard(name, Path())
    _print(write_standard(standard) if as_json else say_standard(standard, lang))


@standards.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@lang_option
@json_option
@strict_option
@click.pass_context
def validate_standards(ctx: click.Context, /, files: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Find everything that is wrong with standards a bureau has written."""
    ctx.find_root().obj = lang = options["lang"] or _choose_language()
    from siteplan.analysis.rules import RULES
    from siteplan.outputs.standard_checks import check_standards, say_checks, write_checks

    checked = check_standards(files, {rule.code for rule in RULES})
    _print(write_checks(checked) if options["as_json"] else say_checks(checked, lang))
    severities = {defect.severity for one in checked for defect in one.defects}
    if "error" in severities or (options["strict"] and "warning" in severities):
        ctx.exit(VIOLATIONS)


def _print(result: str | bytes) -> None:
    if isinstance(result, bytes):
        sys.stdout.buffer.write(result)
    else:
        click.echo(result)


def _finish(ctx: click.Context, evaluation: "Evaluation", lang: Language, *, strict: bool) -> None:
    """Report refused proposals, and leave with the exit code the result asks for."""
    from siteplan.errors import InputError
    from siteplan.files import clean_text

    for refused in evaluation.case.refused:
        for defect in refused.defects:
            click.echo(f"{_error_word(lang)}{clean_text(defect.say(lang))}", err=True)
    if evaluation.case.refused:
        ctx.exit(InputError.exit_code)
    if strict and evaluation.summary.violations:
        ctx.exit(VIOLATIONS)


def _say_error(error: SiteplanError, lang: Language) -> list[str]:
    from siteplan.files import clean_text

    return [f"{_error_word(lang)}{clean_text(defect.say(lang))}" for defect in error.defects]


def _error_word(lang: Language) -> str:
    return Text("错误：", "Error: ").say(lang)


def _report_progress(lang: Language, *, quiet: bool) -> "Callable[[Text], None]":
    def tell(text: Text) -> None:
        if not quiet:
            click.echo(f"{text.say(lang)}…", err=True)

    return tell
