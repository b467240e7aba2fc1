"""Cases made of what OpenStreetMap has."""

from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import main, report_progress, settle_language
from siteplan.cli.options import (
    column_option,
    extract_option,
    into_option,
    lang_option,
    level_option,
    outline_option,
    overpass_option,
    place_argument,
    quiet_option,
    refresh_option,
    timeout_option,
)
from siteplan.errors import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from siteplan.fetch.case import Fetched
    from siteplan.fetch.wanted import Wanted


@main.command()
@place_argument
@extract_option
@outline_option
@column_option
@into_option
@level_option
@overpass_option
@timeout_option
@refresh_option
@lang_option()
@quiet_option
@click.pass_context
def fetch(ctx: click.Context, /, place: str | None, **options: Any) -> None:  # noqa: ANN401
    """Make a case of what OpenStreetMap has of PLACE.

    PLACE is the name of an administrative boundary, or relation/ID. Roads, buildings, public
    services and candidates are taken from the extract of --from, with no internet, or else
    downloaded from Overpass; so are the subdistricts and their population, unless --boundary has
    them.
    """
    lang = settle_language(ctx, options["lang"])
    tell = report_progress(lang, quiet=options["quiet"])

    from siteplan.fetch.case import fetch_from
    from siteplan.fetch.wanted import ROLE, Wanted
    from siteplan.files import clean_text
    from siteplan.start import parse_columns

    extract, boundary = options["extract"], options["boundary"]
    online = (*options["endpoints"], options["download_minutes"], options["refresh"] or None)
    columns = parse_columns(options["columns"])
    if columns and (boundary is None or set(columns) != {ROLE}):
        message = "--column says which columns of --boundary are ours: boundaries.KEY=NAME."
        raise click.UsageError(message)
    wanted = Wanted(place, boundary, options["level"], columns.get(ROLE, {}))
    if extract is None:
        done = _download(wanted, options, tell)
    elif any(option is not None for option in online):
        message = "--overpass, --timeout and --refresh are for a download, without --from."
        raise click.UsageError(message)
    else:
        done = fetch_from(extract, wanted, options["into"], tell)
    click.echo(clean_text(str(done.folder)))
    click.echo(clean_text(done.next_step.say(lang)), err=True)


def _download(
    wanted: "Wanted", options: dict[str, Any], tell: "Callable[[Text], None]"
) -> "Fetched":
    from siteplan.fetch.overpass import MINUTES, Online, fetch_online

    minutes = options["download_minutes"]
    online = Online(
        options["endpoints"], MINUTES if minutes is None else minutes, refresh=options["refresh"]
    )
    return fetch_online(wanted, options["into"], online, tell)
