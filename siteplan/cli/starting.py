"""Begin a case, and bring residents into it."""

import shlex
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

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
from siteplan.errors import Defect, InputError, Language, Text

if TYPE_CHECKING:
    from siteplan.start import Header

Answer = TypeVar("Answer")
FILES = {
    "boundaries": Text("街道边界文件（留空跳过）", "File of subdistrict boundaries (empty: none)"),
    "population": Text(
        "人口表 CSV（留空则用边界中的列）", "CSV of residents (empty: a column of the boundaries)"
    ),
    "roads": Text("道路文件（留空跳过）", "File of roads (empty: none)"),
}
KEYS = {
    "code": Text("街道代码", "the code"),
    "name": Text("街道名称", "the name"),
    "district": Text("所属区", "the district"),
    "population": Text("常住人口", "the number of residents"),
    "vintage": Text("边界年份", "the year of the boundaries"),
    "year": Text("人口年份", "the year of the figures"),
    "estimated": Text("是否估算", "whether it is an estimate"),
    "source": Text("数据来源", "the source"),
}
"""What questions call our columns."""
YES, NO = ("", "y", "yes", "是"), ("n", "no", "否")


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
@lang_option()
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
    from siteplan.start import CasePlan, make_case, parse_columns, require_standard

    asking = is_terminal() and not options["yes"]
    given = parse_columns(options["columns"])
    name, standard = options["name"], options["standard"]
    day = options["day"] and options["day"].date()
    if standard is not None:
        require_standard(standard)
    files = {role: options[role] for role in FILES if options[role] is not None}
    if asking:
        called = Text("案例名称", "Name of the case")
        name = name or _prompt(called, str, lang, folder.resolve().name)
        day = day or _ask_day(lang)
        standard = standard or _ask_standard(lang, DEFAULT_STANDARD)
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
        day=day,
        standard=standard or DEFAULT_STANDARD,
        files=files,
        columns=columns,
    )
    missing = make_case(folder, plan)
    click.echo(clean_text(str(folder)))
    for text in missing:
        click.echo(f"{Text('尚缺 ', 'still missing: ').say(lang)}{text.say(lang)}")
    if not missing:
        command = f"siteplan evaluate {shlex.quote(str(folder))}"
        click.echo(clean_text(Text(f"下一步：{command}", f"next: {command}").say(lang)))


@main.command()
@new_argument
@lang_option()
@click.pass_context
def demo(ctx: click.Context, /, folder: Path, lang: Language | None) -> None:
    """Copy the demo into the new folder DIR: a synthetic district with every kind of proposal."""
    lang = settle_language(ctx, lang)

    from siteplan.files import clean_text
    from siteplan.start import copy_demo

    copy_demo(folder)
    command = f"siteplan evaluate {shlex.quote(str(folder))}"
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
@column_option
@lang_option()
@quiet_option
@click.pass_context
def population(ctx: click.Context, /, path: Path, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Count the residents of each subdistrict on a raster (WorldPop), or take a CSV or .xlsx.

    Writes data/population.csv of the case, and of a raster also data/residents.csv: where people
    live. Cells at a boundary count by the exact part that lies inside. What a census has wins.
    """
    lang = settle_language(ctx, options["lang"])

    from siteplan.files import write_files
    from siteplan.outputs.counted import FOLDER, MARKS, say_counted, write_counted
    from siteplan.populate import Origin, count_population
    from siteplan.start import parse_columns

    tell = report_progress(lang, quiet=options["quiet"])
    columns = parse_columns(options["columns"], ("population",)).get("population", {})
    origin = Origin(options["year"], options["source"], options["census"], columns)
    counted = count_population(case, path, origin, tell=tell)
    contents = write_counted(counted)
    write_files(case / FOLDER, contents, MARKS)
    click.echo(say_counted(counted, lang))
    for name in contents:
        click.echo(case / FOLDER / name)


def is_terminal() -> bool:
    """Whether somebody is there who can answer."""
    return sys.stdin.isatty()


def _ask_day(lang: Language) -> date | None:
    label = Text(
        "评审基准日，如 2010-07-01（留空跳过）", "Day judged for, e.g. 2010-07-01 (empty: none)"
    )

    def read(word: str) -> date | None:
        from siteplan.inputs.fields import parse_date

        try:
            return parse_date(word)
        except ValueError as error:
            problem = Text("不是日期", "This is no date")
            raise _refuse(problem, Text("请写成 2010-07-01", "Write it as 2010-07-01")) from error

    return _prompt(label, read, lang)


def _ask_standard(lang: Language, default: str) -> str:
    def read(word: str) -> str:
        from siteplan.start import require_standard

        require_standard(word)
        return word

    return _prompt(Text("设置标准", "Planning standard"), read, lang, default)


def _ask_file(label: Text, lang: Language) -> Path | None:
    def read(word: str) -> Path | None:
        word = word.strip("\"'")  # as a file that is dropped on a terminal arrives
        if word and not Path(word).is_file():
            problem = Text("没有这个文件", "There is no such file")
            raise _refuse(problem, Text("请更正路径", "Correct the path"))
        return Path(word) if word else None

    return _prompt(label, read, lang)


def _confirm(question: Text, lang: Language) -> bool:
    def read(word: str) -> bool:
        if word.casefold() in (*YES, *NO):
            return word.casefold() in YES
        problem = Text("不明白", "This is neither yes nor no")
        raise _refuse(problem, Text("请答 y（是）或 n（否）", "Answer y or n"))

    return _prompt(Text(f"{question.zh} [Y/n]", f"{question.en} [Y/n]"), read, lang)


def _refuse(problem: Text, remedy: Text) -> InputError:
    return InputError(Defect("", problem, remedy))


def _prompt(
    label: Text, read: Callable[[str], Answer], lang: Language, default: str = ""
) -> Answer:
    """Ask until the answer can be read; what click says of a wrong one is English only."""
    from siteplan.files import clean_text

    while True:
        word = click.prompt(label.say(lang), default=default, show_default=bool(default))
        try:
            return read(str(word).strip())
        except InputError as error:
            for defect in error.defects:
                click.echo(clean_text(defect.say(lang)))


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
    from siteplan.inputs.headers import NEEDED, refuse_multiples

    columns = dict(given)
    listed = clean_text(", ".join(header.columns))
    click.echo(clean_text(f"{header.label}: ") + listed)
    for key in dict.fromkeys((*NEEDED[role], *header.candidates)):
        if key in columns:
            continue
        candidates, called = header.candidates.get(key, ()), KEYS[key]
        if len(candidates) == 1:
            shown = clean_text(candidates[0])
            question = Text(f"{called.zh}取自“{shown}”列，对吗", f"Is column {shown} {called.en}")
            if _confirm(question, lang):
                columns[key] = candidates[0]
                continue
        among = clean_text(", ".join(candidates)) if len(candidates) > 1 else ""
        zh, en = (f"（{among}）", f" ({among})") if among else ("", "")
        if key not in NEEDED[role]:
            zh, en = f"{zh}（留空跳过）", f"{en} (empty: none)"
        label = Text(f"{called.zh}在哪一列{zh}", f"Which column is {called.en}{en}")

        def read(word: str, key: str = key) -> str:
            if word not in header.columns and (word or key in NEEDED[role]):
                problem = Text("没有这一列", "There is no such column")
                raise _refuse(problem, Text("请照抄列名", "Copy the name of one"))
            if key == "population":
                refuse_multiples([word], header.label)
            return word

        if chosen := _prompt(label, read, lang):
            columns[key] = chosen
    return columns
