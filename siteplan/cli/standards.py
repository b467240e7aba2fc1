"""The planning standards that cases are judged by."""

from pathlib import Path
from typing import Any

import click

from siteplan.cli.command import VIOLATIONS, main, print_result, settle_language
from siteplan.cli.options import json_option, lang_option, strict_option
from siteplan.errors import Language


@main.group(invoke_without_command=True)
@lang_option()
@json_option
@click.pass_context
def standards(ctx: click.Context, lang: Language | None, *, as_json: bool) -> None:
    """List the planning standards that come with siteplan; show or validate one."""
    lang = settle_language(ctx, lang)
    if ctx.invoked_subcommand is not None:
        return
    from siteplan.outputs.standards import say_list, write_list
    from siteplan.standard import list_shipped, read_standard

    shipped = [read_standard(id_, Path()) for id_ in list_shipped()]
    print_result(write_list(shipped) if as_json else say_list(shipped, lang))


@standards.command("show")
@click.argument("name", metavar="ID|FILE")
@lang_option()
@json_option
@click.pass_context
def show_standard(ctx: click.Context, name: str, lang: Language | None, *, as_json: bool) -> None:
    """Show every figure of a standard, and where it comes from."""
    lang = settle_language(ctx, lang)
    from siteplan.inputs.projects import read_succession
    from siteplan.outputs.standards import say_standard, write_standard
    from siteplan.standard import read_standard

    standard, succession = read_standard(name, Path()), read_succession()
    if as_json:
        print_result(write_standard(standard, succession))
    else:
        print_result(say_standard(standard, lang, succession))


@standards.command("validate")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@lang_option()
@json_option
@strict_option("on a warning too")
@click.pass_context
def validate_standards(ctx: click.Context, /, files: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Find everything that is wrong with standards a bureau has written.

    Exits with 1 if there is an error in any of them.
    """
    lang = settle_language(ctx, options["lang"])
    from siteplan.analysis.rules import RULES
    from siteplan.outputs.standard_checks import check_standards, say_checks, write_checks

    checked = check_standards(files, {rule.code for rule in RULES})
    print_result(write_checks(checked) if options["as_json"] else say_checks(checked, lang))
    severities = {defect.severity for one in checked for defect in one.defects}
    if "error" in severities or (options["strict"] and "warning" in severities):
        ctx.exit(VIOLATIONS)
