"""The folder `maps/`: all that one evaluation writes, in one piece."""

from pathlib import Path

from siteplan.errors import Language
from siteplan.files import write_files
from siteplan.model import Evaluation
from siteplan.outputs.results import COLUMNS, FORMAT, write_findings, write_json
from siteplan.outputs.webmap import write_map

MARKS = {
    "index.html": b'<meta name="generator" content="siteplan',
    "findings.csv": ",".join(COLUMNS).encode(),
    "evaluation.json": f'"format": "{FORMAT}"'.encode(),
}
"""What siteplan's own file of each name begins with: nothing else is ever overwritten."""


def write_folder(evaluation: Evaluation, folder: Path, lang: Language | None) -> Path:
    """Write the map, the evaluation and the findings; return the path of the map.

    Parameters
    ----------
    evaluation
        What to write.
    folder
        Made if it is missing.
    lang
        Language the map opens in; None leaves it to the browser.

    Raises
    ------
    OutputExistsError
        If a file of one of these names was not written by siteplan; nothing is written then.
    """
    contents = {
        "index.html": write_map(evaluation, lang),
        "findings.csv": write_findings(evaluation),
        "evaluation.json": write_json(evaluation),
    }
    write_files(folder, contents, MARKS)
    return folder / "index.html"
