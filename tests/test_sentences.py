"""What a venue is worth, in a sentence."""

import math
from dataclasses import fields
from typing import Any

import pytest
from small import make_site

from siteplan.model import DistanceMethod, SiteWorth, Status
from siteplan.outputs.sentences import say_worth


def say(
    status: Status = "existing", method: DistanceMethod = "roads", **known: float
) -> tuple[str, str]:
    """Return both sentences about a site of subdistrict A that is worth what a test names."""
    figures: dict[str, Any] = {field.name: math.nan for field in fields(SiteWorth)}
    worth = SiteWorth(**figures | {"groups": {}} | known)
    text = say_worth(make_site("s", status=status), worth, method)
    return text.zh, text.en


FULL = {"alone": 12300.4, "alone_own": 9100, "added": 5000, "lost": 2400}
"""A site like any other."""


def test_an_existing_site_is_told_by_what_would_be_lost() -> None:
    zh, en = say(**FULL | {"added": 2400}, catchment=3100, load_per_m2=3.14)
    assert zh == (
        "它单独可覆盖 12,300 人，其中 9,100 人住在本街道；撤掉它，2,400 人将失去覆盖；"
        "按就近分配，每平方米建筑面积服务本街道居民 3.1 人。"
    )
    assert en == (
        "Alone it covers 12,300 residents, 9,100 of them in its own subdistrict; without it, 2,400"
        " would lose cover; as the nearest site it serves 3.1 residents of its subdistrict per m²"
        " of floor area."
    )


@pytest.mark.parametrize(
    ("added", "lost", "zh", "en"),
    [
        (
            5000,
            2400,
            "撤掉它，2,400 人将失去覆盖，在拟建场地建成前则为 5,000 人",
            "without it, 2,400 would lose cover, and 5,000 until the proposed sites are built",
        ),
        (
            5000,
            0.4,
            "拟建场地建成前撤掉它，5,000 人将失去覆盖，建成后则无人失去",
            (
                "without it, 5,000 would lose cover until the proposed sites are built, and nobody"
                " after that"
            ),
        ),
        (
            0,
            0,
            "撤掉它无人失去覆盖，其他现有场地也能覆盖他们",
            "nobody would lose cover without it, since other existing sites cover them too",
        ),
        (
            12300,
            12300,
            "撤掉它，他们都将失去覆盖",
            "without it, all of them would lose cover",
        ),
    ],
)
def test_a_loss_may_be_larger_until_the_proposed_sites_are_built(
    added: float, lost: float, zh: str, en: str
) -> None:
    said = say(**FULL | {"added": added, "lost": lost})
    assert said == (
        f"它单独可覆盖 12,300 人，其中 9,100 人住在本街道；{zh}。",
        f"Alone it covers 12,300 residents, 9,100 of them in its own subdistrict; {en}.",
    )


@pytest.mark.parametrize(
    ("added", "lost", "zh", "en"),
    [
        (
            5000,
            2400,
            "新增覆盖 5,000 人，其中 2,400 人没有其他场地能覆盖",
            "no existing site covers 5,000 of them, and no other proposed one 2,400 of these",
        ),
        (
            5000,
            0,
            "新增覆盖 5,000 人，但其他拟建场地也能覆盖他们",
            "no existing site covers 5,000 of them, but other proposed ones would",
        ),
        (
            5000,
            5000,
            "新增覆盖 5,000 人，没有其他场地能覆盖他们",
            "no other site covers 5,000 of them",
        ),
        (
            12300,
            2400,
            "全部为新增覆盖，其中 2,400 人没有其他场地能覆盖",
            "no existing site covers them, and no other proposed one 2,400 of these",
        ),
        (
            12300,
            0,
            "全部为新增覆盖，但其他拟建场地也能覆盖他们",
            "no existing site covers them, but other proposed ones would",
        ),
        (
            12300,
            12300,
            "全部为新增覆盖，没有其他场地能覆盖他们",
            "no other site covers them",
        ),
        (
            0,
            0,
            "现有场地已覆盖他们，不会新增覆盖",
            "existing sites cover them already, so it would add no cover",
        ),
    ],
)
def test_a_proposed_site_is_told_by_what_it_would_add(
    added: float, lost: float, zh: str, en: str
) -> None:
    said = say("proposed", **FULL | {"added": added, "lost": lost})
    assert said == (
        f"建成后，它单独可覆盖 12,300 人，其中 9,100 人住在本街道；{zh}。",
        (
            "Once built, it would cover 12,300 residents by itself, 9,100 of them in its own"
            f" subdistrict; {en}."
        ),
    )


@pytest.mark.parametrize(
    ("added", "added_own", "zh", "en"),
    [
        (
            3200,
            2900,
            (
                "若建成，将新增覆盖 3,200 人，其中 2,900 人住在本街道；"
                "它能覆盖的另外 9,100 人已由现有或拟建场地覆盖。"
            ),
            (
                "If built, it would newly cover 3,200 residents, 2,900 of them in its own"
                " subdistrict; existing or proposed sites already cover the other 9,100 within its"
                " reach."
            ),
        ),
        (
            12300,
            0,
            "若建成，将新增覆盖 12,300 人，都住在本街道以外；现有和拟建场地都覆盖不到他们。",
            (
                "If built, it would newly cover 12,300 residents, all in other subdistricts;"
                " existing and proposed sites cover none of them."
            ),
        ),
        (
            0,
            0,
            "若建成，不会新增覆盖：它能覆盖的 12,300 人都已由现有或拟建场地覆盖。",
            (
                "If built, it would add no cover: existing or proposed sites already cover the"
                " 12,300 residents within its reach."
            ),
        ),
    ],
)
def test_a_candidate_is_told_by_what_it_would_add_to_the_scheme(
    added: float, added_own: float, zh: str, en: str
) -> None:
    assert say("candidate", alone=12300, added=added, added_own=added_own) == (zh, en)


@pytest.mark.parametrize(
    ("status", "method", "zh", "en"),
    [
        (
            "existing",
            "roads",
            "服务半径内没有居民能步行到达，撤掉它不影响覆盖。",
            (
                "Nobody can walk to it within the service radius, and nobody would lose cover"
                " without it."
            ),
        ),
        (
            "proposed",
            "roads",
            "服务半径内没有居民能步行到达，建成后不会新增覆盖。",
            "Nobody can walk to it within the service radius, and building it would add no cover.",
        ),
        (
            "candidate",
            "straight-line",
            "按直线距离，服务半径内没有居民，建成后不会新增覆盖。",
            (
                "By straight line, nobody lives within the service radius, and building it would"
                " add no cover."
            ),
        ),
    ],
)
def test_of_a_site_that_covers_nobody_no_figure_is_told(
    status: Status, method: DistanceMethod, zh: str, en: str
) -> None:
    said = say(status, method, alone=0.4, alone_own=0, added=0, lost=0, catchment=9, load_per_m2=1)
    assert said == (zh, en)


@pytest.mark.parametrize(
    ("alone", "own", "zh", "en"),
    [
        (50, 50, "50 人，都住在本街道；", "50 residents, all in its own subdistrict;"),
        (50, 49.6, "50 人，都住在本街道；", "50 residents, all in its own subdistrict;"),
        (50, 0.2, "50 人，都住在本街道以外；", "50 residents, all in other subdistricts;"),
        (50, math.nan, "50 人（未注明所属街道）；", "50 residents (it names no subdistrict);"),
        (1, 1, "1 人，住在本街道；", "1 resident, in its own subdistrict;"),
        (1, 0, "1 人，住在本街道以外；", "1 resident, in another subdistrict;"),
    ],
)
def test_where_residents_live_is_told_without_a_zero(
    alone: float, own: float, zh: str, en: str
) -> None:
    said = say(alone=alone, alone_own=own, added=1, lost=1)
    assert said[0] == f"它单独可覆盖 {zh}撤掉它，1 人将失去覆盖。"
    assert said[1] == f"Alone it covers {en} without it, 1 would lose cover."


@pytest.mark.parametrize(
    ("status", "catchment", "load", "zh", "en"),
    [
        (
            "existing",
            80,
            0.08,
            "；按就近分配，每平方米建筑面积服务本街道居民不足 0.1 人。",
            (
                "; as the nearest site it serves fewer than 0.1 residents of its subdistrict per m²"
                " of floor area."
            ),
        ),
        (
            "proposed",
            80_000,
            1234.5,
            "；按就近分配，每平方米建筑面积服务本街道居民 1,234.5 人。",
            (
                "; as the nearest site it would serve 1,234.5 residents of its subdistrict per m²"
                " of floor area."
            ),
        ),
        (
            "existing",
            0,
            0,
            "；本街道没有居民以它为最近的场地。",
            "; nobody in its subdistrict has it as their nearest site.",
        ),
        (
            "proposed",
            0,
            math.nan,
            "；本街道没有居民以它为最近的场地。",
            "; nobody in its subdistrict would have it as their nearest site.",
        ),
        (
            "existing",
            80,
            math.nan,
            "；未填建筑面积，无法计算每平方米服务人数。",
            "; its floor area is not given, so residents per m² cannot be told.",
        ),
    ],
)
def test_a_load_is_told_of_a_member(
    status: Status, catchment: float, load: float, zh: str, en: str
) -> None:
    said = say(status, **FULL, catchment=catchment, load_per_m2=load)
    assert said[0].endswith(zh)
    assert said[1].endswith(en)


@pytest.mark.parametrize("last_bit", [-1e-10, 0.0, 1e-10])
def test_a_load_that_ends_in_a_half_is_told_alike_whatever_its_last_bit_says(
    last_bit: float,
) -> None:
    half = say(**FULL, catchment=110, load_per_m2=0.55 + last_bit)
    assert "serves 0.6 residents" in half[1]
    least = say(**FULL, catchment=20, load_per_m2=0.1 + last_bit)
    assert "serves 0.1 residents" in least[1]
