"""Begin a case, and bring residents into it."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import main, report_progress, settle_language
from siteplan.cli.options import (
    boundaries_option,
    census_option,
    column_option,
    date_option,
    filled_option,
    first_standard_option,
    lang_option,
    name_option,
    new_argument,
    people_argument,
    population_option,
    quiet_option,
    roads_option,
    source_option,
    year_option,
    yes_option,
)
from siteplan.errors import Language, Text

if TYPE_CHECKING:
    from siteplan.start import Header

FILES = {
    "boundaries": Text("街道边界文件（留空跳过）", "File of subdistrict boundaries (empty: none)"),
    "population": Text(
        "人口表 CSV（留空则用边界中的列）", "CSV of residents (empty: a column of the boundaries)"
    ),
    "roads": Text("道路文件（留空跳过）", "File of roads (empty: none)"),
}


@main.command()
@new_argument
@name_option
@date_option
@first_standard_option
@boundaries_option
@population_option
@roads_option
@column_option
@yes_option
@lang_option
@click.pass_context
def new(ctx: click.Context, /, folder: Path, **options: Any) -> None:  # noqa: ANN401
    """Begin a case in the new folder DIR: copy its files into place and write siteplan.toml.

    On a terminal it asks for what is not given, and whether the columns of the files are guessed
    right. Elsewhere, or with --yes, guesses are taken and printed; where several columns may be
    meant, that is an error, and --column decides.
    """
    lang = settle_language(ctx, options["lang"])

    from siteplan.files import clean_text
    from siteplan.inputs.settings import DEFAULT_STANDARD
    from siteplan.start import CasePlan, make_case, parse_columns

    asking = is_terminal() and not options["yes"]
    given = parse_columns(options["columns"])
    name, day, standard = options["name"], options["day"], options["standard"]
    files = {role: options[role] for role in FILES if options[role] is not None}
    if asking:
        name = name or _ask(Text("案例名称", "Name of the case"), lang, folder.resolve().name)
        day = day or _ask_day(lang)
        standard = standard or _ask(Text("设置标准", "Planning standard"), lang, DEFAULT_STANDARD)
        for role, label in FILES.items():
            if role not in files and (path := _ask_file(label, lang)) is not None:
                files[role] = path
    columns: dict[str, dict[str, str]] = {
        role: _settle(role, files[role], given.get(role, {}), lang, asking=asking)
        for role in ("boundaries", "population")
        if role in files
    }
    plan = CasePlan(
        name=name or folder.resolve().name,
        day=day and day.date(),
        standard=standard or DEFAULT_STANDARD,
        files=files,
        columns=columns,
    )
    missing = make_case(folder, plan)
    click.echo(clean_text(str(folder)))
    for text in missing:
        click.echo(f"{Text('尚缺 ', 'still missing: ').say(lang)}{text.say(lang)}")
    if not missing:
        command = f"siteplan evaluate {folder}"
        click.echo(clean_text(Text(f"下一步：{command}", f"next: {command}").say(lang)))


@main.command()
@new_argument
@lang_option
@click.pass_context
def demo(ctx: click.Context, /, folder: Path, lang: Language | None) -> None:
    """Copy the demo into the new folder DIR: a synthetic district with every kind of proposal."""
    lang = settle_language(ctx, lang)

    from siteplan.files import clean_text
    from siteplan.start import copy_demo

    copy_demo(folder)
    command = f"siteplan evaluate {folder}"
    click.echo(clean_text(str(folder)))
    click.echo(clean_text(Text(f"下一步：{command}", f"next: {command}").say(lang)))


@main.group()
def data() -> None:
    """Bring data into a case."""


@data.command()
@people_argument
@filled_option
@year_option
@source_option
@census_option
@lang_option
@quiet_option
@click.pass_context
def population(ctx: click.Context, /, path: Path, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Count the residents of each subdistrict on a raster (WorldPop, GHS-POP), or take a CSV.

    Writes data/population.csv of the case, and of a raster also data/residents.csv: where people
    live. Cells at a boundary count by the exact part that lies inside. What a census has wins.
    """
    lang = settle_language(ctx, options["lang"])

    from siteplan.files import write_files
    from siteplan.outputs.counted import FOLDER, MARKS, say_counted, write_counted
    from siteplan.populate import Origin, count_population

    tell = report_progress(lang, quiet=options["quiet"])
    origin = Origin(options["year"], options["source"], options["census"])
    counted = count_population(case, path, origin, tell=tell)
    contents = write_counted(counted)
    write_files(case / FOLDER, contents, MARKS)
    click.echo(say_counted(counted, lang))
    for name in contents:
        click.echo(case / FOLDER / name)


def is_terminal() -> bool:
    """Whether somebody is there who can answer."""
    return sys.stdin.isatty()


def _ask(label: Text, lang: Language, default: str) -> str:
    return str(click.prompt(label.say(lang), default=default)).strip()


def _ask_day(lang: Language) -> Any:  # noqa: ANN401  # a datetime, as click makes of an option
    label = Text("评审基准日 YYYY-MM-DD（留空跳过）", "Day judged for, YYYY-MM-DD (empty: none)")
    parse = click.DateTime(formats=["%Y-%m-%d"])

    def read(word: str) -> Any:  # noqa: ANN401
        return parse.convert(word, None, None) if word.strip() else None

    return _prompt(label.say(lang), read)


def _ask_file(label: Text, lang: Language) -> Path | None:
    parse = click.Path(exists=True, dir_okay=False, path_type=Path)

    def read(word: str) -> Path | None:
        word = word.strip().strip("\"'")  # as a file that is dropped on a terminal arrives
        return Path(str(parse.convert(word, None, None))) if word else None

    path: Path | None = _prompt(label.say(lang), read)
    return path


def _prompt(label: str, read: Callable[[str], Any]) -> Any:  # noqa: ANN401  # as `read` returns it
    return click.prompt(label, default="", show_default=False, value_proc=read)


def _settle(
    role: str, path: Path, given: Mapping[str, str], lang: Language, *, asking: bool
) -> dict[str, str]:
    """Return the file's names of our columns: given, confirmed, or the only ones there may be."""
    from siteplan.files import clean_text
    from siteplan.inputs.headers import settle_columns
    from siteplan.start import read_header, require_needed

    header = read_header(path, role)
    if asking:
        columns = _ask_columns(role, header, given, lang)
    else:
        columns = settle_columns(header.candidates, given, header.label, role)
        for ours, theirs in columns.items():
            click.echo(clean_text(f"{header.label}: {ours} = {theirs}"))
    require_needed(header, role, columns)
    return columns


def _ask_columns(
    role: str, header: "Header", given: Mapping[str, str], lang: Language
) -> dict[str, str]:
    """Show every guess, and ask for the column where there is none, several, or a wrong one."""
    from siteplan.files import clean_text
    from siteplan.inputs.headers import NEEDED

    columns = dict(given)
    listed = clean_text(", ".join(header.columns))
    click.echo(clean_text(f"{header.label}: ") + listed)
    for key in dict.fromkeys((*NEEDED[role], *header.candidates)):
        if key in columns:
            continue
        candidates = header.candidates.get(key, ())
        if len(candidates) == 1:
            shown = clean_text(candidates[0])
            question = Text(f"{key} 取列 {shown}，对吗", f"{key} is column {shown}, right")
            if click.confirm(question.say(lang), default=True):
                columns[key] = candidates[0]
                continue
        among = clean_text(", ".join(candidates)) if len(candidates) > 1 else ""
        note = f" ({among})" if among else ""
        label = Text(f"{key} 是哪一列{note}", f"Which column is {key}{note}").say(lang)

        def read(word: str, key: str = key) -> str:
            chosen = word.strip()
            if chosen in header.columns or (not chosen and key not in NEEDED[role]):
                return chosen
            raise click.UsageError(Text("没有这一列", "there is no such column").say(lang))

        if chosen := _prompt(label, read):
            columns[key] = chosen
    return columns
