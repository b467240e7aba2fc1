"""What a fetched case keeps of itself, so that what nobody touched can be replaced."""

import json
from collections.abc import Mapping
from pathlib import Path

from siteplan.files import hash_file

FORMAT = "siteplan-fetched/1"
MANIFEST = "fetched.json"
FETCHER = "siteplan fetch"
"""What the table of residents says in its column `WRITTEN`, in every row, as it is fetched."""


def read_hashes(path: Path) -> Mapping[str, str]:
    """Return the hash of each file of a fetched case; none if it is no such case."""
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return {}
    files = manifest.get("files")
    return files if isinstance(files, dict) else {}


def is_as_fetched(folder: Path, name: str) -> bool:
    """Whether a file of a case is as `siteplan fetch` wrote it: nobody filled anything in.

    Parameters
    ----------
    folder
        The case.
    name
        Of the file, within it.
    """
    return read_hashes(folder / MANIFEST).get(name) == hash_file(folder / name)
