"""Every argument and option that a command may have, defined once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Option = Callable[[Callable[..., Any]], Callable[..., Any]]

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


def lang_option(also: str = "", default: str = "the system's") -> Option:
    """Return the option of the language: of messages, and of what else the command writes."""
    return click.option(
        "--lang",
        type=click.Choice(["zh", "en"]),
        help=f"Language of messages{also}.  [default: {default}]",
    )


basemap_option = click.option(
    "--basemap",
    metavar="osm|tianditu:KEY",
    help="Tiles beneath the map, which its readers then ask a host for.  [default: none]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def strict_option(where: str) -> Option:
    """Return the option to exit with 1, which says where the command does so."""
    return click.option("--strict", is_flag=True, help=f"Exit with 1 {where}.")


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
reviews_argument = click.argument(
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    metavar="[FILE]…",
)
home_option = click.option(
    "--case",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The case that is meant.  [default: the current directory]",
)
before_argument = click.argument("before", type=click.Path(path_type=Path), metavar="A")
after_argument = click.argument("after", type=click.Path(path_type=Path), metavar="B")
compared_out_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for comparison.html, .xlsx and .json.  [default: nothing is written]",
)
across_option = click.option(
    "--across-methods",
    is_flag=True,
    help="Compare even where distances or datums differ; every output then says so.",
)
quiet_option = click.option("--quiet", is_flag=True, help="No progress on stderr.")
package_option = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder of the package; the ZIP lies beside it.  [default: CASE/maps/layout]",
)
crs_option = click.option(
    "--crs",
    metavar="EPSG",
    help="Coordinates of the layers: 4490, 4547, 4526, …  [default: the working CRS]",
)
contacts_option = click.option(
    "--contacts", is_flag=True, help="Hand on contacts and notes too; they are left out otherwise."
)
new_argument = click.argument(
    "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR"
)
name_option = click.option("--name", metavar="TEXT", help="Name of the case.  [default: of DIR]")
date_option = click.option(
    "--date",
    "day",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day judged for.",
)
first_standard_option = click.option(
    "--standard", metavar="ID|FILE", help="Planning standard: an id, or a TOML file to copy."
)
_given_file = click.Path(exists=True, dir_okay=False, path_type=Path)
boundaries_option = click.option(
    "--boundaries",
    type=_given_file,
    metavar="FILE",
    help="Subdistricts: GeoJSON, GeoPackage or Shapefile.",
)
population_option = click.option(
    "--population", type=_given_file, metavar="FILE", help="CSV of residents by subdistrict."
)
roads_option = click.option(
    "--roads", type=_given_file, metavar="FILE", help="OpenStreetMap, GraphML, or a line layer."
)
column_option = click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="ROLE.KEY=NAME",
    help="Which column is ours: boundaries.code=ID, population.population=POP, …",
)
yes_option = click.option("--yes", is_flag=True, help="Ask nothing; take what can only mean one.")
people_argument = click.argument("path", type=_given_file, metavar="RASTER|TABLE")
filled_option = click.option(
    "--case",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Case to write to.  [default: the current directory]",
)
year_option = click.option(
    "--year", type=int, required=True, metavar="YEAR", help="Year of the figures."
)
source_option = click.option(
    "--source", required=True, metavar="TEXT", help="Where the figures are from: WorldPop 2020, …"
)
census_option = click.option(
    "--census",
    type=_given_file,
    metavar="FILE",
    help="Table of counted residents: compared with the figures, and written instead of them.",
)
place_argument = click.argument("place", required=False, metavar="[PLACE]")
extract_option = click.option(
    "--from",
    "extract",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="OpenStreetMap extract to cut the case out of, offline: .osm.pbf or .osm.",
)
overpass_option = click.option(
    "--overpass",
    "endpoints",
    multiple=True,
    metavar="URL",
    help="Overpass server to download from: https://…/api/interpreter; several are asked in this"
    " order.  [default: SITEPLAN_OVERPASS, or public ones]",
)
timeout_option = click.option(
    "--timeout",
    "download_minutes",
    type=click.FloatRange(min=0, min_open=True, max=1440),
    metavar="MIN",
    help="Give up downloading after this; a further run goes on.  [default: 15]",
)
refresh_option = click.option(
    "--refresh", is_flag=True, help="Download again what a former run has kept."
)
outline_option = click.option(
    "--boundary",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Polygons: subdistricts, in PLACE or alone; or, without a column of codes, the outline of"
    " a place instead of PLACE.",
)
into_option = click.option(
    "--into",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="Folder of the new case.",
)
level_option = click.option(
    "--level",
    type=click.IntRange(1, 20),
    metavar="N",
    help="admin_level of the subdistricts.  [default: 8, or the next below PLACE that covers it]",
)
