"""The package that the planning bureau takes into its plan."""

from pathlib import Path
from typing import Any

import click

from siteplan.cli.command import main, report_progress, report_refused, settle_language
from siteplan.cli.folders import refuse_input
from siteplan.cli.options import (
    case_argument,
    contacts_option,
    crs_option,
    distance_option,
    lang_option,
    package_option,
    quiet_option,
    standard_option,
    subdistrict_option,
)


@main.command()
@case_argument
@package_option
@crs_option
@contacts_option
@standard_option
@subdistrict_option
@distance_option
@lang_option(", and of what is printed", "the system's; in print both")
@quiet_option
@click.pass_context
def layout(ctx: click.Context, /, case: Path, **options: Any) -> None:  # noqa: ANN401
    """Write the layout-plan package of CASE (default: the current directory): a folder and a ZIP.

    Layers (GeoPackage with a QGIS project, FileGDB, Shapefiles, GeoJSON), a DXF drawing, tables,
    A3 plates, reports, and a manifest with the hash of every file and source.
    """
    lang = settle_language(ctx, options["lang"])
    tell = report_progress(lang, quiet=options["quiet"])

    from siteplan.evaluate import evaluate as judge
    from siteplan.inputs.case import read_case
    from siteplan.inputs.provenance import hash_settings
    from siteplan.outputs.layout.package import PackageChoice, write_package
    from siteplan.outputs.layout.target import choose_target

    folder = options["out"] or case / "maps" / "layout"
    refuse_input(folder, case)
    read = read_case(case, standard=options["standard"], tell=tell)
    choose_target(options["crs"], read.area)  # a wrong CRS is told before anything is judged
    evaluation = judge(
        read, subdistricts=options["subdistricts"], distance=options["distance"], tell=tell
    )
    choice = PackageChoice(
        options["crs"],
        contacts=options["contacts"],
        lang=options["lang"],
        standard=options["standard"],
        settings=hash_settings(case, options["standard"]),
    )
    click.echo(write_package(evaluation, folder, choice, tell))
    report_refused(ctx, evaluation.case, lang)
