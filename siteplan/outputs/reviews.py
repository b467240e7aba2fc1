"""What a planning bureau has decided: the file a case keeps, and how a terminal shows it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby

from siteplan.errors import Language, Text, shorten
from siteplan.files import clean_text
from siteplan.model import Decision, Evaluation, Standing
from siteplan.outputs.columns import align_columns
from siteplan.outputs.hashes import HASH
from siteplan.review import DECISIONS, REVIEWS_FORMAT, find_standing

DECIDED_FORMAT = "siteplan-decided/1"
NAME = "reviews.json"
FOLDER = "data"
MARK = f'"format": "{REVIEWS_FORMAT}"'.encode()
"""What siteplan's own file begins with: nothing else is ever overwritten."""
HEADER = (
    Text("场地", "site"),
    Text("街道", "subdistrict"),
    Text("决定", "decision"),
    Text("审查人", "reviewer"),
    Text("时间", "decided"),
    Text("状态", "state"),
    Text("说明", "comment"),
)
CONFLICT, OUTDATED = Text("意见冲突", "conflict"), Text("评审已变", "outdated")
"""Decided in different ways; decided on another evaluation than the present one."""
TALLY: Mapping[str, Text] = {
    "accept": Text("同意", "accepted"),
    "return": Text("退回修改", "returned"),
    "reject": Text("不同意", "rejected"),
    "undecided": Text("未决定", "undecided"),
    "outdated": Text("评审已变须重审", "decided on an earlier evaluation"),
    "conflict": Text("意见冲突", "in conflict"),
}
"""What a site can be counted as."""
MOST_COMMENT = 60  # letters of a comment in the table

Document = Mapping[str, object]


def write_reviews(decisions: Iterable[Decision]) -> bytes:
    """Return `reviews.json`: per site its decisions in order of time.

    Parameters
    ----------
    decisions
        In order of site and time, as `merge_reviews` gives them.
    """
    document = {
        "format": REVIEWS_FORMAT,
        "sites": [
            {"site": site, "decisions": [_describe_decision(decision) for decision in group]}
            for site, group in groupby(decisions, key=lambda decision: decision.site)
        ],
    }
    return f"{json.dumps(document, ensure_ascii=False, indent=1)}\n".encode()


def _describe_decision(decision: Decision) -> dict[str, object]:
    return {
        "subdistrict": decision.subdistrict,
        "decision": decision.decision,
        "comment": decision.comment,
        "reviewer": decision.reviewer,
        "decided": decision.decided.isoformat(),
        HASH: decision.evaluation_sha256,
        "settles": decision.settles,
    }


def list_standing(
    evaluation: Evaluation, sites: Iterable[Mapping[str, object]]
) -> tuple[Standing, ...]:
    """Return how the decisions on the judged sites stand, in order of site.

    Of sites that are no longer in the case those are among them that were proposed for a judged
    subdistrict, or for none that the case has: no decision goes unseen.

    Parameters
    ----------
    evaluation
        With the decisions of its case.
    sites
        As they stand in `evaluation.json`, with their hashes.
    """
    case = evaluation.case
    hashes = {str(site["id"]): str(site[HASH]) for site in sites}
    judged = {judgement.subdistrict.code for judgement in evaluation.judgements}
    elsewhere = set(case.area.codes) - judged
    known = {site.id for site in case.sites.records}
    shown = [
        decision
        for decision in case.reviews
        if decision.site in hashes
        or (decision.site not in known and decision.subdistrict not in elsewhere)
    ]
    return find_standing(shown, hashes)


def list_states(standing: Standing) -> list[Text]:
    """Return why no decision on a site is in force, in words; none where one is."""
    states = ((CONFLICT, standing.conflict), (OUTDATED, standing.outdated))
    return [words for words, holds in states if holds]


def describe_standing(standing: Standing) -> list[dict[str, object]]:
    """Return the decision in force on a site, or all in conflict, for `evaluation.json`."""
    return [
        {
            "site": decision.site,
            "subdistrict": decision.subdistrict,
            "decision": decision.decision,
            "reviewer": decision.reviewer,
            "decided": decision.decided.isoformat(),
            "comment": decision.comment,
            "outdated": standing.outdated,
            "conflict": standing.conflict,
            HASH: decision.evaluation_sha256,
        }
        for decision in standing.decisions
    ]


def count_decisions(document: Document) -> dict[str, int]:
    """Return how many sites stand how, each counted once, by the keys of `TALLY`.

    A decision counts as such where it is in force and made on the present evaluation; undecided
    are proposed sites on which nobody decided.

    Parameters
    ----------
    document
        That of `evaluation.json`.
    """
    states: dict[object, str] = {
        site["id"]: "undecided" for site in _list(document, "sites") if site["status"] == "proposed"
    }
    for entry in _list(document, "reviews"):
        state = "outdated" if entry["outdated"] else str(entry["decision"])
        states[entry["site"]] = "conflict" if entry["conflict"] else state
    counts = Counter(states.values())
    return {name: counts[name] for name in TALLY}


def say_tally(counts: Mapping[str, int], lang: Language) -> str:
    """Return how many sites stand how as one line, without what there is none of."""
    told = [(count, TALLY[name]) for name, count in counts.items() if count]
    if not told:
        return Text("尚无审查决定", "nothing to decide").say(lang)
    zh = "，".join(f"{words.zh} {count}" for count, words in told)
    en = ", ".join(f"{count} {words.en}" for count, words in told)
    return Text(f"审查决定：{zh}", f"decisions: {en}").say(lang)


def say_reviews(document: Document, added: int, lang: Language) -> str:
    """Return what is decided as a table, what is outdated or in conflict, and the counts.

    Parameters
    ----------
    document
        That of `evaluation.json`.
    added
        Decisions that were not known before.
    lang
        Language.
    """
    rows = [[text.say(lang) for text in HEADER]]
    rows += [_say_entry(entry, lang) for entry in _list(document, "reviews")]
    table = [*align_columns(rows), ""] if len(rows) > 1 else []
    tally = say_tally(count_decisions(document), lang)
    new = Text(f"新并入 {added} 项", f"{added} new").say(lang)
    total = f"{tally}（{new}）" if lang == "zh" else f"{tally} ({new})"
    return "\n".join([clean_text(str(document["case"])), "", *table, total])


def _say_entry(entry: Document, lang: Language) -> list[str]:
    states = [
        text.say(lang)
        for name, text in (("conflict", CONFLICT), ("outdated", OUTDATED))
        if entry[name]
    ]
    basis = f" ({str(entry[HASH])[:8]})" if entry["outdated"] else ""
    decided = datetime.fromisoformat(str(entry["decided"])).replace(second=0, microsecond=0)
    return [
        str(entry["site"]),
        str(entry["subdistrict"] or "—"),
        next(text.say(lang) for kind, text in DECISIONS.items() if kind == entry["decision"]),
        str(entry["reviewer"]),
        f"{decided:%Y-%m-%d %H:%M}",
        (" ".join(states) or "—") + basis,
        shorten(" ".join(str(entry["comment"]).split()), MOST_COMMENT),
    ]


def write_decided(document: Document, added: int) -> bytes:
    """Return as JSON what `say_reviews` says, format `siteplan-decided/1`."""
    decided = {
        "format": DECIDED_FORMAT,
        "case": document["case"],
        "added": added,
        "counts": count_decisions(document),
        "reviews": document["reviews"],
    }
    text = json.dumps(decided, ensure_ascii=False, allow_nan=False, indent=1)
    return f"{text}\n".encode(errors="replace")


def _list(document: Document, name: str) -> list[Document]:
    """Return one list of the document."""
    part = document[name]
    return part if isinstance(part, list) else []
