"""Files that tell how a case is judged, and are no data: its settings and its standard."""

from collections.abc import Iterator
from pathlib import Path

from siteplan.files import hash_file, read_toml
from siteplan.inputs.settings import NAME, read_settings
from siteplan.standard import SHIPPED, name_standard
from siteplan.standard.tables import as_table


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
    for name, path in _list_layers(asked, folder):
        hashes[name_standard(name)] = hash_file(path)
    return hashes


def _list_layers(name: str, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield a standard and those it extends, by their names and files."""
    path = folder / name if name.endswith(".toml") else Path(str(SHIPPED / f"{name}.toml"))
    yield name, path
    base = as_table(read_toml(path, name).get("profile")).get("extends")
    if isinstance(base, str) and base.strip():
        yield from _list_layers(base, path.parent)
