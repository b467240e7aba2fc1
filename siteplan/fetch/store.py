"""What Overpass has answered, kept for the next run: one entry for each query, from any server.

A download that was cut off goes on with what is missing. An entry is packed with a checksum, so a
damaged one is not trusted; it is written beside its place and renamed, so there is no half one.
What a query asked too much for is kept too, so that it is asked for in quarters at once.
"""

import gzip
import hashlib
import os
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LAYOUT = 1  # of an entry; a change of it counts this up
FASTEST = 1  # of the levels of packing
STALE_DAYS = 30.0  # older ones are used, and their age is told
OLDEST_DAYS = 180.0  # older ones are removed at the start
DAY_S = 86_400.0
SUFFIX = ".answer"
TOO_LARGE = b"too large"
"""Stands for the answer to a query that asked for too much."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer of a former run.

    Attributes
    ----------
    body
        What was said; `TOO_LARGE` if the query asked for too much.
    days
        Since then.
    """

    body: bytes
    days: float


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of answers.

    Attributes
    ----------
    folder
        Where they lie; None keeps nothing.
    refresh
        Whether to use none of what is there.
    """

    folder: Path | None
    refresh: bool

    def find(self, query: str) -> Kept | None:
        """Return what was answered to a query; None if that is not known, or damaged."""
        if self.folder is None or self.refresh:
            return None
        entry = self._place(query)
        try:
            body, written_s = gzip.decompress(entry.read_bytes()), entry.stat().st_mtime
        except (OSError, EOFError, zlib.error):
            return None
        if not body:  # so says a file of no bytes
            return None
        return Kept(body, max(0.0, time.time() - written_s) / DAY_S)

    def keep(self, query: str, body: bytes) -> None:
        """Write an answer whole; not at all where the disk is full or the folder is not ours."""
        if self.folder is None:
            return
        entry = self._place(query)
        beside = entry.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            entry.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(gzip.compress(body, FASTEST))
            beside.replace(entry)

    def forget_oldest(self) -> None:
        """Remove what is half a year old: too old to be used."""
        if self.folder is None:
            return
        with suppress(OSError):
            for entry in sorted(self.folder.iterdir()):  # also what a killed run was writing
                if time.time() - entry.stat().st_mtime > OLDEST_DAYS * DAY_S:
                    entry.unlink()

    def _place(self, query: str) -> Path:
        key = hashlib.sha256(f"{LAYOUT}\n{query}".encode()).hexdigest()
        return (self.folder or Path()) / f"{key}{SUFFIX}"
