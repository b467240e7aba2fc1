"""What the planning bureau has decided, in the report: in force, outdated or in conflict."""

from collections.abc import Sequence

from siteplan.model import Evaluation
from siteplan.model.review import Standing
from siteplan.outputs.report.markup import mark, quote, say, tabulate, tell
from siteplan.outputs.report.words import draw_site_icon
from siteplan.outputs.reviews import list_states
from siteplan.review import DECISIONS


def write_decisions(evaluation: Evaluation, decided: Sequence[Standing]) -> str:
    """Return the decisions as a table; nothing where nobody has decided.

    Parameters
    ----------
    evaluation
        On which they stand.
    decided
        As `list_decided` gives them.
    """
    if not decided:
        return ""
    sites = {site.id: site for site in evaluation.case.sites.records}
    names = {one.code: one.name for one in evaluation.case.area.subdistricts}
    rows = []
    for one in decided:
        site = sites.get(one.site)
        rows += [
            [
                mark(
                    "div",
                    draw_site_icon(site) if site else "",
                    mark("b", quote(site.name or site.id if site else one.site)),
                    mark("i", quote(names.get(made.subdistrict or "", made.subdistrict))),
                    class_="site",
                ),
                mark("b", say(DECISIONS[made.decision])),
                say_state(one) or "—",
                quote(made.reviewer),
                f"{made.decided:%Y-%m-%d %H:%M}",
                quote(made.comment),
            ]
            for made in one.decisions
        ]
    head = [
        tell("场地", "Site"),
        tell("决定", "Decision"),
        tell("状态", "State"),
        tell("审查人", "Reviewer"),
        tell("时间", "Decided"),
        tell("说明", "Comment"),
    ]
    return mark(
        "section",
        mark("h2", tell("审查决定", "Decisions")),
        tabulate(head, rows, kind="decisions"),
        class_="block",
    )


def say_decided(standing: Standing) -> str:
    """Return the decision on a site in a few words; only the conflict where there is one."""
    words = "" if standing.conflict else say(DECISIONS[standing.decisions[0].decision])
    return " ".join(filter(None, [words, say_state(standing)]))


def say_state(standing: Standing) -> str:
    """Return why a decision is not in force; empty where it is."""
    return " ".join(mark("small", say(words), class_="chip") for words in list_states(standing))
