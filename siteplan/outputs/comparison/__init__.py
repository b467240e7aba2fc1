"""What changed between two evaluations: on the terminal, as JSON, as a page and as a workbook."""

from pathlib import Path

from siteplan.errors import Language
from siteplan.files import write_files
from siteplan.model import StudyArea
from siteplan.model.comparison import Comparison
from siteplan.outputs.comparison.document import FORMAT, describe_comparison, write_comparison
from siteplan.outputs.comparison.page import write_page
from siteplan.outputs.comparison.terminal import say_comparison
from siteplan.outputs.comparison.workbook import write_workbook

__all__ = [
    "FORMAT",
    "PAGE",
    "describe_comparison",
    "say_comparison",
    "write_comparison",
    "write_folder",
    "write_page",
    "write_workbook",
]

PAGE = "comparison.html"
MARKS = {
    "comparison.json": f'"format": "{FORMAT}"'.encode(),
    "comparison.xlsx": b"<dc:creator>siteplan</dc:creator>",
    PAGE: b'content="siteplan">\n<meta name="siteplan-page" content="comparison">',
}
"""What siteplan's own file of each name begins with: nothing else is ever overwritten."""


def write_folder(
    comparison: Comparison,
    folder: Path,
    area: StudyArea | None,
    langs: tuple[Language | None, Language],
    *,
    former: StudyArea | None = None,
    as_judged: bool = True,
) -> Path:
    """Write the page, the workbook and the JSON; return the path of the page.

    Parameters
    ----------
    comparison
        What to write.
    folder
        Made if it is missing.
    area
        Boundaries for the map; None where there are none.
    langs
        Language the page opens in, None leaves it to the browser; and that of the workbook.
    former
        Boundaries of those subdistricts that `area` has no more; None if there are none.
    as_judged
        Whether the boundaries are those that were judged.

    Raises
    ------
    OutputExistsError
        If a file of one of these names was not written by siteplan; nothing is written then.
    """
    of_page, of_workbook = langs
    contents = {
        "comparison.json": write_comparison(comparison),
        "comparison.xlsx": write_workbook(comparison, of_workbook),
        PAGE: write_page(comparison, area, of_page, former=former, as_judged=as_judged),
    }
    write_files(folder, contents, MARKS)
    return folder / PAGE
