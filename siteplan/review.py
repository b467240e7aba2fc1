"""Decisions of a planning bureau: how they add up, and which of them are in force.

A case keeps every decision that was ever merged into it, once. Which is in force is found anew from
all of them each time, so that neither the order of files nor merging one twice makes a difference:

1. Of a site, the decisions on its present evaluation count; if there are none, those on the
   evaluation on which it was decided last, and they are outdated.
2. A decision that settles a conflict takes the place of all that were made before it.
3. Of each reviewer the last one counts.
4. If these agree, the last of them is in force. If not, they are in conflict and none is, until
   one reviewer follows the others or one of them, or another, settles it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import get_args

from siteplan.errors import Text
from siteplan.model import Decision, DecisionKind, Standing
from siteplan.schema import fold

REVIEW_FORMAT = "siteplan-review/1"
REVIEWS_FORMAT = "siteplan-reviews/1"
"""Of the file that a page saves, and of the one that a case keeps."""
DECISIONS: Mapping[DecisionKind, Text] = {
    "accept": Text("同意", "accept"),
    "return": Text("退回修改", "return"),
    "reject": Text("不同意", "reject"),
}
DECISION_KINDS: tuple[DecisionKind, ...] = get_args(DecisionKind)
TIME = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""A point in time as ISO 8601 writes it, with its offset from UTC; before 2000 no clock is set."""
SHA256 = re.compile(r"[0-9a-f]{64}")
MOST_LETTERS: Mapping[str, int] = {
    "case": 500,
    "reviewer": 100,
    "site": 500,
    "subdistrict": 500,
    "comment": 5000,
}
"""How long each text may be."""
MOST_DECISIONS = 20_000
"""In one file: more than any city has sites."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Decisions put together.

    Attributes
    ----------
    decisions
        All, in order of site and time.
    added
        Those among them that are new.
    """

    decisions: tuple[Decision, ...]
    added: tuple[Decision, ...]


def merge_reviews(existing: Iterable[Decision], new: Iterable[Decision]) -> Merged:
    """Put decisions together, each once.

    Parameters
    ----------
    existing
        Those that the case holds.
    new
        Those that were saved from pages, in any order.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> day = datetime(2010, 7, 5, tzinfo=UTC)
    >>> one = Decision("a", None, "accept", "", "Li", day, "0" * 64)
    >>> len(merge_reviews([one], [one]).decisions), merge_reviews([one], [one]).added
    (1, ())
    """
    known = {_rank(decision): decision for decision in existing}
    fresh = {_rank(decision): decision for decision in new}
    everything = known | fresh
    return Merged(
        tuple(everything[key] for key in sorted(everything)),
        tuple(fresh[key] for key in sorted(fresh.keys() - known.keys())),
    )


def find_standing(decisions: Iterable[Decision], hashes: Mapping[str, str]) -> tuple[Standing, ...]:
    """Return how the decisions on each site stand, in order of site.

    Parameters
    ----------
    decisions
        Of any sites, in any order.
    hashes
        The present evaluation of each site, by id; a site that is not there has none.
    """
    by_site: dict[str, list[Decision]] = {}
    for decision in decisions:
        by_site.setdefault(decision.site, []).append(decision)
    return tuple(_find_site_standing(by_site[site], hashes.get(site)) for site in sorted(by_site))


def _find_site_standing(decisions: Iterable[Decision], current: str | None) -> Standing:
    ordered = sorted(decisions, key=_rank)
    last = ordered[-1]
    outdated = all(one.evaluation_sha256 != current for one in ordered)
    basis = last.evaluation_sha256 if outdated else current
    made = [one for one in ordered if one.evaluation_sha256 == basis]
    settled = max((one.decided for one in made if one.settles), default=None)
    if settled is not None:
        made = [one for one in made if (one.decided, one.settles) >= (settled, True)]
    latest = {fold(one.reviewer): one.decided for one in made}
    made = [one for one in made if one.decided == latest[fold(one.reviewer)]]
    conflict = len({one.decision for one in made}) > 1
    return Standing(last.site, tuple(made if conflict else made[-1:]), conflict, outdated)


def _rank(decision: Decision) -> tuple[object, ...]:
    """Return what tells decisions apart, and by what they are ordered."""
    return (
        decision.site,
        decision.decided,
        decision.reviewer,
        decision.decision,
        decision.comment,
        decision.evaluation_sha256,
        decision.subdistrict or "",
        decision.settles,
        decision.decided.isoformat(),
    )
