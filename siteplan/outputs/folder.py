"""The folder `maps/`: all that one evaluation writes, in one piece, and what streets fill in."""

from collections.abc import Sequence
from pathlib import Path

from siteplan.errors import Language
from siteplan.files import Sweep, name_safely, write_files
from siteplan.model import Case, Evaluation
from siteplan.outputs.form import write_form
from siteplan.outputs.report import write_report
from siteplan.outputs.results import COLUMNS, FORMAT, write_findings, write_json
from siteplan.outputs.template import write_template
from siteplan.outputs.webmap.atlas import CLOSE_UPS, OVERVIEW
from siteplan.outputs.webmap.basemap import Basemap
from siteplan.outputs.webmap.pages import write_pages

PAGE_MARK = b'<meta name="generator" content="siteplan'
SUBDISTRICT_MARK = b'content="siteplan">\n<meta name="siteplan-page" content="subdistrict">'
WORKBOOK_MARK = b"<dc:creator>siteplan</dc:creator>"

MARKS = {
    "findings.csv": ",".join(COLUMNS).encode(),
    "evaluation.json": f'"format": "{FORMAT}"'.encode(),
    "report.html": PAGE_MARK,
    "index.html": PAGE_MARK,
}
"""What siteplan's own file of each name begins with: nothing else is ever overwritten."""


def write_folder(
    evaluation: Evaluation,
    folder: Path,
    lang: Language | None,
    basemap: Basemap | None = None,
) -> Path:
    """Write the map, the report, the evaluation and the findings; return the path of the map.

    The map is an overview and a page for each subdistrict that was judged. Pages of a former run
    for other subdistricts go; no other file is touched.

    Parameters
    ----------
    evaluation
        What to write.
    folder
        Made if it is missing.
    lang
        Language the map opens in; None leaves it to the browser.
    basemap
        Tiles that the map asks a host for; None asks nobody.

    Raises
    ------
    OutputExistsError
        If a file of one of these names was not written by siteplan; nothing is written then.
    """
    pages = write_pages(evaluation, lang, basemap)
    contents = {
        **{name: page for name, page in pages.items() if name != OVERVIEW},
        "findings.csv": write_findings(evaluation),
        "evaluation.json": write_json(evaluation),
        "report.html": write_report(evaluation, lang),
        OVERVIEW: pages[OVERVIEW],  # last, so that every page it leads to is there
    }
    marks = {name: MARKS.get(name, SUBDISTRICT_MARK) for name in contents}
    write_files(folder, contents, marks, Sweep(CLOSE_UPS, SUBDISTRICT_MARK))
    return folder / OVERVIEW


def write_form_page(case: Case, codes: Sequence[str], folder: Path, lang: Language | None) -> Path:
    """Write the page on which streets propose; return its path.

    Parameters
    ----------
    case
        What the page shows.
    codes
        Subdistricts it is for; one alone stands in the name of the file.
    folder
        Made if it is missing.
    lang
        Language the page opens in; None leaves it to the browser.

    Raises
    ------
    OutputExistsError
        If a file of that name was not written by siteplan.
    """
    name = _name_form(codes, "html")
    write_files(folder, {name: write_form(case, codes, lang)}, {name: PAGE_MARK})
    return folder / name


def write_form_workbook(case: Case, codes: Sequence[str], folder: Path, lang: Language) -> Path:
    """Write the Excel template in which streets propose; return its path.

    Parameters and errors as those of `write_form_page`.
    """
    chosen = [one for one in case.area.subdistricts if one.code in codes]
    name = _name_form(codes, "xlsx")
    content = write_template(case.name, chosen, lang)
    write_files(folder, {name: content}, {name: WORKBOOK_MARK})
    return folder / name


def _name_form(codes: Sequence[str], suffix: str) -> str:
    return f"form_{name_safely(codes[0])}.{suffix}" if len(codes) == 1 else f"form.{suffix}"
