"""Files that tell how a case is judged, and are no data: its settings and its standard."""

from pathlib import Path

from siteplan.errors import DefectList
from siteplan.files import hash_file
from siteplan.inputs.settings import NAME, read_settings
from siteplan.standard import name_standard
from siteplan.standard.layers import read_layers


def hash_settings(case: Path, standard: str | None) -> dict[str, str]:
    """Return the SHA-256 of the settings, the standard and all that it extends, by their name.

    Parameters
    ----------
    case
        Folder of a case that could be read.
    standard
        As of `read_case`.

    Raises
    ------
    InputError
        If one of them cannot be read.
    """
    settings = case / NAME
    hashes = {NAME: hash_file(settings)} if settings.exists() else {}
    asked, folder = (standard, Path()) if standard else (read_settings(case).standard, case)
    layers = read_layers(asked, folder, {}, DefectList())
    return hashes | {name_standard(one.label): hash_file(one.path) for one in layers}
