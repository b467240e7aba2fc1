"""Answers of several tiles as one file, sorted, each object once in its latest version."""

from importlib.metadata import version
from pathlib import Path

import osmium

from siteplan.fetch.choosing import BARE_PBF
from siteplan.fetch.passes import REPLICATED


class Merge:
    """What has come so far."""

    def __init__(self) -> None:
        self._held = osmium.MergeInputReader()

    def add(self, body: bytes) -> None:
        """Take the objects of an answer that was checked: OpenStreetMap XML."""
        self._held.add_buffer(body, "osm")

    def write(self, path: Path, moment: str) -> None:
        """Write nodes, ways and relations to a PBF file, by kind and id.

        Of an object that several answers hold the highest version is taken. Who changed it and when
        is left out: it is nobody's concern here.

        Parameters
        ----------
        path
            The file, which must not exist.
        moment
            Of OpenStreetMap that the answers are of; empty if that is not known.
        """
        header = osmium.io.Header()
        header.set("generator", f"siteplan {version('siteplan')}")
        if moment:
            header.set(REPLICATED, moment)
        with osmium.SimpleWriter(osmium.io.File(str(path), BARE_PBF), header=header) as writer:
            self._held.apply(writer, simplify=True)
