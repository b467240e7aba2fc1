"""What a venue is worth, in a sentence as a planner would write it.

People are whole in a sentence: where less than half a person is left, it says nobody.
"""

import math

from siteplan.errors import Text
from siteplan.model import DistanceMethod, Site, SiteWorth, Status

LAST_BITS = 1e-6  # people, as fine as evaluation.json writes them
LEAST_LOAD = 0.1  # residents per m², as fine as a load is told


def round_people(number: float) -> int:
    """Return whole people: half a person counts, whatever the last bits of the half say.

    Examples
    --------
    >>> round_people(0.5), round_people(2.5), round_people(2.4999)
    (1, 3, 2)
    """
    return math.floor(number + 0.5 + LAST_BITS)


def say_count(number: int, word: str) -> str:
    """Count things in English.

    Examples
    --------
    >>> say_count(1, "branch"), say_count(2000, "branch"), say_count(0, "site")
    ('1 branch', '2,000 branches', '0 sites')
    """
    plural = "es" if word.endswith("ch") else "s"
    return f"{number:,} {word}{'' if number == 1 else plural}"


def say_worth(site: Site, worth: SiteWorth, method: DistanceMethod) -> Text:
    """Return what a site is worth as a sentence; its name does not occur in it.

    Parameters
    ----------
    site, worth
        Without an existing site cover is lost; a proposed or candidate one would add some.
    method
        How distances were measured; a sentence about straight lines says so.
    """
    alone = round_people(worth.alone)
    if not alone:
        clauses = [_say_nobody(site.status, method)]
    elif site.status == "candidate":
        clauses = _say_candidate(alone, round_people(worth.added), worth.added_own)
    else:
        clauses = [
            _say_alone(site.status, alone, worth.alone_own),
            _say_loss(alone, round_people(worth.added), round_people(worth.lost))
            if site.status == "existing"
            else _say_gain(alone, round_people(worth.added), round_people(worth.lost)),
            *_say_load(site.status, worth),
        ]
    zh, en = "；".join(one.zh for one in clauses), "; ".join(one.en for one in clauses)
    if method == "straight-line":
        zh, en = f"按直线距离，{zh}", f"by straight line, {en}"
    return Text(f"{zh}。", f"{en[0].upper()}{en[1:]}.")


def _say_nobody(status: Status, method: DistanceMethod) -> Text:
    """Say that nobody is within the radius, and what follows."""
    empty = (
        Text("服务半径内没有居民能步行到达", "nobody can walk to it within the service radius")
        if method == "roads"
        else Text("服务半径内没有居民", "nobody lives within the service radius")
    )
    if status == "existing":
        return Text(
            f"{empty.zh}，撤掉它不影响覆盖", f"{empty.en}, and nobody would lose cover without it"
        )
    return Text(
        f"{empty.zh}，建成后不会新增覆盖", f"{empty.en}, and building it would add no cover"
    )


def _say_candidate(alone: int, added: int, added_own: float) -> list[Text]:
    """Say what a candidate would add to the existing and proposed sites."""
    if not added:
        return [
            Text(
                f"若建成，不会新增覆盖：它能覆盖的 {alone:,} 人都已由现有或拟建场地覆盖",
                "if built, it would add no cover: existing or proposed sites already cover the"
                f" {_count_residents(alone)} within its reach",
            )
        ]
    own = _say_own(added, added_own)
    gain = Text(
        f"若建成，将新增覆盖 {added:,} 人{own.zh}",
        f"if built, it would newly cover {_count_residents(added)}{own.en}",
    )
    others = f"{alone - added:,}"
    rest = (
        Text(
            f"它能覆盖的另外 {others} 人已由现有或拟建场地覆盖",
            f"existing or proposed sites already cover the other {others} within its reach",
        )
        if added < alone
        else Text("现有和拟建场地都覆盖不到他们", "existing and proposed sites cover none of them")
    )
    return [gain, rest]


def _say_alone(status: Status, alone: int, alone_own: float) -> Text:
    """Say whom a scheme site covers."""
    own = _say_own(alone, alone_own)
    if status == "existing":
        return Text(
            f"它单独可覆盖 {alone:,} 人{own.zh}",
            f"alone it covers {_count_residents(alone)}{own.en}",
        )
    return Text(
        f"建成后，它单独可覆盖 {alone:,} 人{own.zh}",
        f"once built, it would cover {_count_residents(alone)} by itself{own.en}",
    )


def _say_own(count: int, own: float) -> Text:
    """Say how many of the residents counted live in the subdistrict that the site claims."""
    if math.isnan(own):
        return Text("（未注明所属街道）", " (it names no subdistrict)")
    at_home, several = round_people(own), count > 1
    if at_home == count:
        return Text(
            "，都住在本街道" if several else "，住在本街道",
            f", {'all ' if several else ''}in its own subdistrict",
        )
    if not at_home:
        return Text(
            "，都住在本街道以外" if several else "，住在本街道以外",
            ", all in other subdistricts" if several else ", in another subdistrict",
        )
    return Text(f"，其中 {at_home:,} 人住在本街道", f", {at_home:,} of them in its own subdistrict")


def _say_loss(alone: int, added: int, lost: int) -> Text:
    """Say who would lose cover without an existing site, today and once all is built."""
    if not added:
        return Text(
            "撤掉它无人失去覆盖，其他现有场地也能覆盖他们",
            "nobody would lose cover without it, since other existing sites cover them too",
        )
    if not lost:
        return Text(
            f"拟建场地建成前撤掉它，{added:,} 人将失去覆盖，建成后则无人失去",
            f"without it, {added:,} would lose cover until the proposed sites are built, and nobody"
            " after that",
        )
    if lost < added:
        return Text(
            f"撤掉它，{lost:,} 人将失去覆盖，在拟建场地建成前则为 {added:,} 人",
            f"without it, {lost:,} would lose cover, and {added:,} until the proposed sites are"
            " built",
        )
    if lost == alone > 1:
        return Text("撤掉它，他们都将失去覆盖", "without it, all of them would lose cover")
    return Text(f"撤掉它，{lost:,} 人将失去覆盖", f"without it, {lost:,} would lose cover")


def _say_gain(alone: int, added: int, lost: int) -> Text:
    """Say whom a proposed site adds to the existing ones, and who has no other proposed one."""
    if not added:
        return Text(
            "现有场地已覆盖他们，不会新增覆盖",
            "existing sites cover them already, so it would add no cover",
        )
    them = Text("全部为新增覆盖", "them")
    if added < alone:
        them = Text(f"新增覆盖 {added:,} 人", f"{added:,} of them")
    if not lost:
        return Text(
            f"{them.zh}，但其他拟建场地也能覆盖他们",
            f"no existing site covers {them.en}, but other proposed ones would",
        )
    if lost < added:
        return Text(
            f"{them.zh}，其中 {lost:,} 人没有其他场地能覆盖",
            f"no existing site covers {them.en}, and no other proposed one {lost:,} of these",
        )
    return Text(f"{them.zh}，没有其他场地能覆盖他们", f"no other site covers {them.en}")


def _say_load(status: Status, worth: SiteWorth) -> list[Text]:
    """Say how many residents share the floor of a member; nothing of a site that is none."""
    built = status == "existing"
    if math.isnan(worth.catchment):
        return []
    if not round_people(worth.catchment):
        has = "has" if built else "would have"
        return [
            Text(
                "本街道没有居民以它为最近的场地",
                f"nobody in its subdistrict {has} it as their nearest site",
            )
        ]
    if math.isnan(worth.load_per_m2):
        return [
            Text(
                "未填建筑面积，无法计算每平方米服务人数",
                "its floor area is not given, so residents per m² cannot be told",
            )
        ]
    told = math.floor((worth.load_per_m2 + LAST_BITS) / LEAST_LOAD + 0.5) * LEAST_LOAD
    load = (
        Text(f" {told:,.1f} 人", f"{told:,.1f}")
        if worth.load_per_m2 + LAST_BITS >= LEAST_LOAD
        else Text(f"不足 {LEAST_LOAD} 人", f"fewer than {LEAST_LOAD}")
    )
    return [
        Text(
            f"按就近分配，每平方米建筑面积服务本街道居民{load.zh}",
            f"as the nearest site it {'serves' if built else 'would serve'} {load.en} residents of"
            " its subdistrict per m² of floor area",
        )
    ]


def _count_residents(count: int) -> str:
    return say_count(count, "resident")
