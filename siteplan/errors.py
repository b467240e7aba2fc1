"""What siteplan refuses, and why, in Chinese and English.

A refusal names the place, the problem and the remedy: *where: what is wrong. What to do.* All
defects of a file are collected and reported together.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

Language = Literal["zh", "en"]
Stage = Literal["read", "fields", "place"]
Severity = Literal["error", "warning", "note"]
Unit = Literal["feature", "decision"]

TABLES = {".csv", ".xlsx"}  # their features are counted in rows of the sheet


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in both languages.

    Attributes
    ----------
    zh
        Simplified Chinese.
    en
        English.
    """

    zh: str
    en: str

    def say(self, lang: Language) -> str:
        """Return the text in one language."""
        return self.zh if lang == "zh" else self.en


ROW = Text("行", "row")
UNITS: Mapping[Unit, Text] = {
    "feature": Text("个要素", "feature"),
    "decision": Text("项决定", "decision"),
}


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with an input, where it stands, and how to mend it.

    Attributes
    ----------
    path
        The file as the user knows it; empty for a value that came from the command line.
    message
        What is wrong, with the value and its unit; no full stop.
    remedy
        What the reader can do; no full stop.
    stage
        `read`: not readable as what it claims; `fields`: attributes; `place`: does not fit
        the case.
    severity
        Only an `error` makes a file unusable.
    feature
        Counted from 1; in a table the row of the sheet; None if the whole file is meant.
    name
        The feature's own name, as far as it has one.
    field
        The attribute, in our words; None if no attribute is meant.
    mended
        What to write instead, where that is beyond doubt; `siteplan check --fix` writes it.
    unit
        What `feature` counts, unless it is the rows of a table.
    """

    path: str
    message: Text
    remedy: Text
    stage: Stage = "read"
    severity: Severity = "error"
    feature: int | None = None
    name: str | None = None
    field: str | None = None
    mended: str | None = None
    unit: Unit = "feature"

    def say(self, lang: Language) -> str:
        """Return place, problem and remedy as one line.

        Examples
        --------
        >>> problem = Text('floor_area_m2 为 "many"', 'floor_area_m2 is "many"')
        >>> Defect("a.geojson", problem, Text("请填数字", "Give a number"), feature=3).say("en")
        'a.geojson feature 3: floor_area_m2 is "many". Give a number.'
        """
        if lang == "zh":
            return f"{self.say_place(lang)}{self.message.zh}。{self.remedy.zh}。"
        return f"{self.say_place(lang)}{self.message.en}. {self.remedy.en}."

    def say_place(self, lang: Language) -> str:
        """Return file, feature and name, and a colon; empty where there is none of them."""
        number = ""
        if self.feature:
            number = say_feature(self.path, self.feature, self.unit).say(lang)
        place = " ".join(filter(None, [self.path, number]))
        if self.name:
            name = shorten(self.name)
            place += f"（{name}）" if lang == "zh" else f" ({name})"
        return f"{place}{'：' if lang == 'zh' else ': '}" if place else ""


class SiteplanError(Exception):
    """Root of every error siteplan raises on purpose.

    Parameters
    ----------
    defects
        What is wrong; at least one.
    """

    exit_code = 1

    def __init__(self, *defects: Defect) -> None:
        self.defects = defects
        super().__init__("\n".join(defect.say("en") for defect in defects))


class InputError(SiteplanError, ValueError):
    """An input file or value cannot be used as given."""

    exit_code = 3


class CrsError(InputError):
    """Coordinates do not fit the coordinate reference system or datum they are said to be in."""


class InfeasibleError(SiteplanError):
    """No selection of candidate sites meets the standard."""

    exit_code = 4


class OutputExistsError(SiteplanError):
    """A file that siteplan did not write stands where it would write."""

    exit_code = 5


class DefectList(list[Defect]):
    """Defects collected over several steps, so that they can be reported together."""

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Keep the defects of an `InputError` raised inside, and go on after the block."""
        try:
            yield
        except InputError as error:
            self.extend(error.defects)

    @property
    def errors(self) -> "DefectList":
        """Those that make a file unusable."""
        return DefectList(defect for defect in self if defect.severity == "error")

    def raise_errors(self) -> None:
        """Raise what makes the file unusable.

        Raises
        ------
        InputError
            If any defect is an error.
        """
        if errors := self.errors:
            raise InputError(*errors)


def say_feature(path: str, number: int | None, unit: Unit = "feature") -> Text:
    """Return what messages call a feature of a file; in a table it is a row.

    Examples
    --------
    >>> say_feature("a.csv", 4).en, say_feature("a.geojson", 3).zh
    ('row 4', '第 3 个要素')
    """
    word = ROW if PurePath(path).suffix.lower() in TABLES else UNITS[unit]
    return Text(f"第 {number} {word.zh}", f"{word.en} {number}")


def shorten(value: object, most: int = 80) -> str:
    """Return a value as a message can show it: its beginning, if it is long.

    Examples
    --------
    >>> shorten("x" * 99, most=5), shorten(12)
    ('xxxxx…', '12')
    """
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}…"


def join_names(names: Iterable[object], most: int = 6) -> Text:
    """List names in a sentence, the first few of them and how many more there are.

    Examples
    --------
    >>> join_names(["a", "b", "c"], most=2).en
    'a, b and 1 more'
    """
    words = [shorten(name) for name in names]
    rest = len(words) - most
    if rest > 0:
        head = words[:most]
        return Text(f"{'、'.join(head)}等 {len(words)} 个", f"{', '.join(head)} and {rest} more")
    return Text("、".join(words), ", ".join(words))
