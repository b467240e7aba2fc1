"""Every argument and option that a command may have, defined once."""

from pathlib import Path

import click

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
basemap_option = click.option(
    "--basemap",
    metavar="osm|tianditu:KEY",
    help="Tiles beneath the map, which its readers then ask a host for.  [default: none]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
strict_option = click.option(
    "--strict",
    is_flag=True,
    help="Exit with 1 on violations; of a check, on warnings; of a review, on conflicts; of a"
    " comparison, if anything is worse.",
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
reviews_argument = click.argument(
    "files",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    nargs=-1,
    metavar="[FILE]…",
)
reviewed_option = click.option(
    "--case",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Case that was decided on.  [default: the current directory]",
)
explained_option = click.option(
    "--case",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Case that it belongs to.  [default: the current directory]",
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
