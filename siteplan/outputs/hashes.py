"""What a decision stands on: a hash of all that was found out about one subdistrict.

A decision is made on what one subdistrict proposes and how that was judged. Its hash changes when
any of this does, and only then: figures that also depend on other subdistricts' sites or residents
are left out, so that what a neighbour changes outdates nobody else's decisions. Where it changes a
verdict or a finding here, it does.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields

from siteplan.model import Site

HASH = "evaluation_sha256"
SHARED_FIGURES = frozenset({"covered_by_any_population", HASH})
"""Of a subdistrict: they count sites of the whole case."""
OWN_FIGURES = frozenset(
    {
        "id", "name", "subdistrict", "status", "role", "lon", "lat", "snap_distance_m",
        "alone_own_population", "catchment_population", "mean_distance_m", "p90_detour_factor",
    }
)  # fmt: skip
"""Of a site: the rest of what it is worth counts residents or sites of the whole case."""
PROPOSED = tuple(
    field.name
    for field in fields(Site)
    if field.name not in {"x", "y", "lon", "lat", "path", "feature"}
)
"""Of a proposal: all but what its entry says already, and where it was read."""

Entry = Mapping[str, object]


def hash_judgement(
    entry: Entry | None, sites: Iterable[Entry], findings: Iterable[Entry], proposed: Iterable[Site]
) -> str:
    """Return the SHA-256 of what was found out about a subdistrict, in canonical JSON.

    Parameters
    ----------
    entry
        The subdistrict as `evaluation.json` has it; None for a site of no subdistrict.
    sites
        Its sites, as they stand there.
    findings
        Those on it and on its sites.
    proposed
        Its sites as the street describes them: a changed proposal is another one, even where the
        verdict stays.
    """
    document = {
        "subdistrict": entry
        and {name: value for name, value in entry.items() if name not in SHARED_FIGURES},
        "sites": [
            {name: value for name, value in site.items() if name in OWN_FIGURES} for site in sites
        ],
        "findings": list(findings),
        "proposed": [{name: getattr(site, name) for name in PROPOSED} for site in proposed],
    }
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=_write_other)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def add_hashes(
    subdistricts: Iterable[dict[str, object]],
    sites: Iterable[dict[str, object]],
    findings: Iterable[Entry],
    proposed: Iterable[Site],
) -> None:
    """Write into each entry of `evaluation.json` the hash that a decision on it stands on.

    A site has that of its subdistrict; one of none, its own.
    """
    by_place: dict[object, list[dict[str, object]]] = {}
    for site in sites:
        by_place.setdefault(site["subdistrict"], []).append(site)
    by_subject: dict[object, list[Entry]] = {}
    for finding in findings:
        by_subject.setdefault(finding["subject"], []).append(finding)
    described = {site.id: site for site in proposed}

    def sign(entry: Entry | None, own: list[dict[str, object]]) -> str:
        ids = [site["id"] for site in own]
        subjects = ids if entry is None else [entry["code"], *ids]
        found = [one for subject in subjects for one in by_subject.get(subject, [])]
        return hash_judgement(entry, own, found, [described[str(id_)] for id_ in ids])

    for subdistrict in subdistricts:
        own = by_place.pop(subdistrict["code"], [])
        subdistrict[HASH] = sign(subdistrict, own)
        for site in own:
            site[HASH] = subdistrict[HASH]
    for left in by_place.values():
        for site in left:
            site[HASH] = sign(None, [site])


def _write_other(value: object) -> object:
    """Return for JSON what it has no form for: a mapping that is no dict, a day, ...."""
    return dict(value) if isinstance(value, Mapping) else str(value)
