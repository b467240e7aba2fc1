"""What a planning bureau decides on the sites that are proposed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

DecisionKind = Literal["accept", "return", "reject"]


@dataclass(frozen=True, slots=True)
class Decision:
    """What one reviewer decided on one site, once.

    Attributes
    ----------
    site
        Its id.
    subdistrict
        Code of the subdistrict it was proposed for; None if for none.
    decision
        `return` asks the street to change the proposal and send it again.
    comment
        Why; may be empty.
    reviewer
        Who decided.
    decided
        When, with the offset from UTC that the reviewer's clock had.
    evaluation_sha256
        Of the evaluation that the reviewer saw; `siteplan.outputs.hashes` makes it.
    settles
        Whether it was made to end a conflict: then it takes the place of all decisions on the same
        evaluation that were made before it.
    """

    site: str
    subdistrict: str | None
    decision: DecisionKind
    comment: str
    reviewer: str
    decided: datetime
    evaluation_sha256: str
    settles: bool = False


@dataclass(frozen=True, slots=True)
class Review:
    """The decisions that one reviewer saved from a page.

    Attributes
    ----------
    case
        Title of the case that the page showed.
    reviewer
        Who decided.
    saved
        When.
    decisions
        In the order of the file.
    """

    case: str
    reviewer: str
    saved: datetime
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the decisions on one site stand.

    Attributes
    ----------
    site
        Its id.
    decisions
        The one in force; or all that contradict each other, in order of time, and none is.
    conflict
        Whether they contradict each other.
    outdated
        Whether they were made on another evaluation than the one there is now.
    """

    site: str
    decisions: tuple[Decision, ...]
    conflict: bool
    outdated: bool
