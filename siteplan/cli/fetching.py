"""Cases made of what OpenStreetMap has."""

from typing import TYPE_CHECKING, Any

import click

from siteplan.cli.command import main, report_progress, settle_language
from siteplan.cli.options import (
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


@main.command()
@place_argument
@extract_option
@outline_option
@into_option
@level_option
@overpass_option
@timeout_option
@refresh_option
@lang_option
@quiet_option
@click.pass_context
def fetch(ctx: click.Context, /, place: str | None, **options: Any) -> None:  # noqa: ANN401
    """Make a case of what OpenStreetMap has of PLACE.

    PLACE is the name of an administrative boundary, or relation/ID. Boundaries, roads, buildings,
    public services and candidates are taken from the extract of --from, with no internet, or else
    downloaded from Overpass; the population where OpenStreetMap has one.
    """
    lang = settle_language(ctx, options["lang"])
    tell = report_progress(lang, quiet=options["quiet"])

    from siteplan.fetch.case import fetch_from

    extract, boundary = options["extract"], options["boundary"]
    online = (*options["endpoints"], options["download_minutes"], options["refresh"] or None)
    if extract is None:
        done = _download(place, options, tell)
    elif any(option is not None for option in online):
        message = "--overpass, --timeout and --refresh are for a download, without --from."
        raise click.UsageError(message)
    else:
        done = fetch_from(extract, place, boundary, options["into"], options["level"], tell)
    click.echo(done.folder)
    click.echo(done.next_step.say(lang), err=True)


def _download(
    place: str | None, options: dict[str, Any], tell: "Callable[[Text], None]"
) -> "Fetched":
    from siteplan.fetch.overpass import MINUTES, Online, fetch_online

    if place is None or options["boundary"] is not None:
        message = "Give PLACE to download it, or --from with PLACE or --boundary."
        raise click.UsageError(message)
    minutes = options["download_minutes"]
    online = Online(
        options["endpoints"], MINUTES if minutes is None else minutes, refresh=options["refresh"]
    )
    return fetch_online(place, options["into"], options["level"], online, tell)
