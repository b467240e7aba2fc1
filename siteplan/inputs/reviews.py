"""Decisions of a planning bureau: the file that a page saves, and the one that a case keeps.

Both are machine-written, so nothing in them is guessed or mended: what is not exactly a decision is
a defect, and all of them are reported together.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from siteplan.errors import Defect, DefectList, InputError, Severity, Text, shorten
from siteplan.files import read_text
from siteplan.inputs.limits import Limits, check_size
from siteplan.inputs.strict_json import SURROGATE, Doubled, parse_json, say_doubled
from siteplan.model import Case, Decision, DecisionKind, Review
from siteplan.review import (
    DECISION_KINDS,
    MOST_DECISIONS,
    MOST_LETTERS,
    REVIEW_FORMAT,
    REVIEWS_FORMAT,
    SHA256,
    TIME,
)

LIMITS = Limits(megabytes=20, nesting=8)
MOST_VALUES = 20 * MOST_DECISIONS
REVIEW_KEYS = ("format", "case", "reviewer", "saved", "decisions")
DECISION_KEYS = ("site", "subdistrict", "decision", "comment", "decided", "evaluation_sha256")
OPTIONAL_KEYS = ("settles",)
MAY_BE_BLANK = {"comment", "case"}
SAVE_AGAIN = Text("请在审查页面重新保存", "Save it from the page again")
RESTORE = Text("请从备份恢复该文件", "Restore the file from a copy of it")
LEFT_ASIDE = Text("已忽略", "It is left aside")
CHECK_CLOCK = Text("请核对那台电脑的时间", "Check the clock of that computer")
CHECK_CASE = Text("请核对案例和文件", "Check whether case and file belong together")
KEPT = Text("决定予以保留，并注明评审已变", "The decision is kept, and marked as outdated")

Table = Mapping[str, object]
Numbered = tuple[int, Decision]


def read_review(path: Path, label: str, case: Case) -> tuple[Review, DefectList]:
    """Read the decisions that one reviewer saved from a page, and what there is to say of them.

    Parameters
    ----------
    path, label
        The file, and its name in messages.
    case
        What was decided on. A decision on a site that it no longer has is kept, with a warning.

    Returns
    -------
    tuple
        The review, and warnings and notes.

    Raises
    ------
    InputError
        With all that is wrong, if the file cannot be used.
    """
    reader = _Reader(label, SAVE_AGAIN)
    document = reader.read_document(path, REVIEW_FORMAT)
    reader.note_unknown(document, REVIEW_KEYS)
    title = reader.read_text(document, "case")
    reviewer = reader.read_text(document, "reviewer").strip()
    saved = reader.read_time(document, "saved")
    numbered = reader.read_decisions(document, {"reviewer": reviewer or "—"})
    reader.find_twins(numbered)
    if not reader.defects.errors:
        reader.find_strangers(numbered, title, case)
    decisions = tuple(dict.fromkeys(decision for _, decision in numbered))
    if saved is not None and any(decision.decided > saved for decision in decisions):
        problem = Text("有决定晚于保存时间", "holds decisions made after it was saved")
        reader.tell(problem, CHECK_CLOCK, severity="warning", key="saved")
    reader.raise_errors()
    if saved is None:
        raise InputError(*reader.defects)  # it is None only where a defect says why
    return Review(title, reviewer, saved, decisions), reader.defects


def read_reviews(path: Path, label: str) -> tuple[Decision, ...]:
    """Read the decisions that a case keeps, in the order of the file.

    Raises
    ------
    InputError
        With all that is wrong. An unknown key is wrong here: the file is written again, without it.
    """
    reader = _Reader(label, RESTORE, unknown="error")
    document = reader.read_document(path, REVIEWS_FORMAT)
    reader.note_unknown(document, ("format", "sites"))
    entries = document.get("sites")
    if not isinstance(entries, list):
        reader.tell(Text("没有列表 sites", "has no list “sites”"), key="sites")
        entries = []
    decisions: list[Decision] = []
    for entry in entries:
        table = entry if isinstance(entry, dict) else {}
        reader.note_unknown(table, ("site", "decisions"))
        shared = {"site": table.get("site")}
        decisions += [decision for _, decision in reader.read_decisions(table, shared)]
    reader.raise_errors()
    return tuple(decisions)


@dataclass(slots=True)
class _Reader:
    """Reads one file, and collects what is wrong with it.

    Attributes
    ----------
    label
        The file in messages.
    remedy
        What to do where it is damaged.
    unknown
        How severe a key is that nobody knows.
    defects, oddities
        What was found.
    number, site
        The decision that is being read, counted from 1, and its site; None outside of any.
    """

    label: str
    remedy: Text
    unknown: Severity = "note"
    defects: DefectList = field(default_factory=DefectList)
    oddities: list[Text] = field(default_factory=list)
    count: int = 0
    number: int | None = None
    site: str | None = None

    def tell(
        self,
        problem: Text,
        remedy: Text | None = None,
        *,
        severity: Severity = "error",
        key: str | None = None,
    ) -> None:
        """Note what is wrong with the decision that is being read, or with the file."""
        defect = Defect(self.label, problem, remedy or self.remedy, severity=severity, field=key)
        self.defects.append(replace(defect, feature=self.number, name=self.site, unit="decision"))

    def raise_errors(self) -> None:
        """Raise what makes the file unusable, keys that stand twice anywhere among it."""
        self.number = self.site = None
        if not self.defects.errors:
            for oddity in dict.fromkeys(self.oddities):
                self.tell(oddity)
        self.defects.raise_errors()

    def read_document(self, path: Path, expected: str) -> Table:
        """Return the document of a file of a format.

        Raises
        ------
        InputError
            If it is none.
        """
        try:
            check_size(path, self.label, LIMITS)
            text = read_text(path, self.label).removeprefix("\ufeff")
            parsed = parse_json(text, self.label, nesting=LIMITS.nesting, values=MOST_VALUES)
        except InputError as error:
            raise InputError(
                *(replace(one, remedy=self.remedy) for one in error.defects)
            ) from error
        self.defects += parsed.commas
        self.oddities = parsed.oddities
        document = parsed.document
        found = document.get("format") if isinstance(document, dict) else None
        if not isinstance(document, dict) or found != expected:
            shown = shorten(repr(found))
            problem = Text(
                f"不是 {expected} 文件，format 为 {shown}",
                f"is not a file of the format {expected}: it says {shown}",
            )
            raise InputError(*self.defects, Defect(self.label, problem, self.remedy))
        return document

    def read_decisions(self, document: Table, shared: Table) -> list[Numbered]:
        """Return the decisions of a list, with their numbers; what is none is a defect.

        Parameters
        ----------
        document
            Holds the list.
        shared
            What all of them have in common.
        """
        values = document.get("decisions")
        if not isinstance(values, list):
            self.tell(Text("没有列表 decisions", "has no list “decisions”"), key="decisions")
            return []
        if self.count + len(values) > MOST_DECISIONS:
            problem = Text(
                f"决定超过 {MOST_DECISIONS:,} 项", f"holds more than {MOST_DECISIONS:,} decisions"
            )
            self.tell(problem, key="decisions")
            return []
        numbered = []
        for value in values:
            self.count += 1
            self.number, self.site = self.count, None
            decision = self._read_decision(value, shared)
            if decision is not None:
                numbered.append((self.count, decision))
        self.number = self.site = None
        return numbered

    def _read_decision(self, value: object, shared: Table) -> Decision | None:
        if not isinstance(value, dict):
            self.tell(Text("不是一项决定", "is not a decision"))
            return None
        table = {**value, **shared}
        site = table.get("site")
        self.site = site if isinstance(site, str) and not SURROGATE.search(site) else None
        before = len(self.defects.errors)
        if isinstance(value, Doubled):
            self.tell(say_doubled(value), key=value.key)
        own = {*DECISION_KEYS, *OPTIONAL_KEYS, "reviewer"} - shared.keys()
        self.note_unknown(value, own)
        kind, settles = table.get("decision"), table.get("settles", False)
        if kind not in DECISION_KINDS:
            self._refuse(
                table, "decision", Text("/".join(DECISION_KINDS), "/".join(DECISION_KINDS))
            )
        if not isinstance(settles, bool):
            self._refuse(table, "settles", Text("true 或 false", "true or false"))
        placed = table.get("subdistrict", "") is not None
        subdistrict = self.read_text(table, "subdistrict") if placed else None
        texts = {key: self.read_text(table, key) for key in ("site", "comment", "reviewer")}
        decided, digest = self.read_time(table, "decided"), self._read_hash(table)
        if decided is None or len(self.defects.errors) > before:
            return None
        return Decision(
            site=texts["site"],
            subdistrict=subdistrict,
            decision=cast("DecisionKind", kind),
            comment=texts["comment"],
            reviewer=texts["reviewer"].strip(),
            decided=decided,
            evaluation_sha256=digest,
            settles=bool(settles),
        )

    def read_text(self, table: Table, key: str) -> str:
        """Return a text of a bounded length; an empty one, and a defect, if it is none."""
        value = table.get(key)
        if not isinstance(value, str):
            self._refuse(table, key, Text("文字", "text"))
        elif SURROGATE.search(value):
            problem = Text(f"{key} 含有不是文字的字符", f"{key} holds half of a character")
            self.tell(problem, key=key)
        elif len(value) > MOST_LETTERS[key]:
            problem = Text(
                f"{key} 超过 {MOST_LETTERS[key]:,} 字",
                f"{key} is longer than {MOST_LETTERS[key]:,}",
            )
            self.tell(problem, key=key)
        elif not value.strip() and key not in MAY_BE_BLANK:
            self.tell(Text(f"{key} 为空", f"{key} is empty"), key=key)
        else:
            return value
        return ""

    def read_time(self, table: Table, key: str) -> datetime | None:
        """Return a point in time; None, and a defect, if it is none."""
        value = table.get(key)
        try:
            if isinstance(value, str) and TIME.fullmatch(value):
                return datetime.fromisoformat(value)
        except ValueError:
            pass  # a thirteenth month
        wanted = Text(
            "带时区的时间，如 2010-07-05T09:30:00+08:00", "a time such as 2010-07-05T09:30:00Z"
        )
        self._refuse(table, key, wanted)
        return None

    def _read_hash(self, table: Table) -> str:
        value = table.get("evaluation_sha256")
        if isinstance(value, str) and SHA256.fullmatch(value):
            return value
        self._refuse(table, "evaluation_sha256", Text("64 位十六进制数", "64 hexadecimal digits"))
        return ""

    def _refuse(self, table: Table, key: str, wanted: Text) -> None:
        """Note that a value is not what it should be."""
        if key not in table:
            self.tell(Text(f"缺少 {key}", f"has no {key}"), key=key)
            return
        shown = shorten(repr(table[key]))
        problem = Text(f"{key} 为 {shown}，应为{wanted.zh}", f"{key} is {shown}, not {wanted.en}")
        self.tell(problem, key=key)

    def note_unknown(self, table: Table, known: Iterable[str]) -> None:
        """Note the keys nobody knows."""
        for key in sorted(table.keys() - set(known)):
            remedy = LEFT_ASIDE if self.unknown == "note" else None
            problem = Text(f"不认识的键 {shorten(key)}", f"unknown key {shorten(key)}")
            self.tell(problem, remedy, severity=self.unknown, key=key)

    def find_twins(self, numbered: Sequence[Numbered]) -> None:
        """Note decisions that stand twice, and different ones on one site at the same time."""
        first: dict[object, Numbered] = {}
        for number, decision in numbered:
            before, twin = first.setdefault((decision.site, decision.decided), (number, decision))
            self.number, self.site = number, decision.site
            if before != number and twin == decision:
                problem = Text(f"与第 {before} 项相同", f"is the same as decision {before}")
                self.tell(problem, LEFT_ASIDE, severity="warning")
            elif before != number:
                problem = Text(
                    f"与第 {before} 项同时作出，却不相同",
                    f"differs from decision {before} of that time",
                )
                self.tell(problem)
        self.number = self.site = None

    def find_strangers(self, numbered: Sequence[Numbered], title: str, case: Case) -> None:
        """Note what the case does not have: sites, all of them, or the title."""
        known = {site.id for site in case.sites.records}
        strangers = [(number, one.site) for number, one in numbered if one.site not in known]
        if strangers and len(strangers) == len(numbered):
            problem = Text(
                f"没有一处场地属于本案例（文件所属案例：{shorten(title)}）",
                f"decides on none of the sites of this case; it was made for {shorten(title)}",
            )
            self.tell(problem, CHECK_CASE, key="site")
            return
        if title != case.name:
            shown = shorten(title)
            problem = Text(f"所属案例为 {shown}", f"was made for a case called {shown}")
            self.tell(problem, CHECK_CASE, severity="warning", key="case")
        for number, site in strangers:
            self.number, self.site = number, site
            problem = Text("场地不在案例中", "the site is not in the case")
            self.tell(problem, KEPT, severity="warning", key="site")
        self.number = self.site = None
