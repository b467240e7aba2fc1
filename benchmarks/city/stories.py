"""The proposals of the demo district: one story for each subdistrict.

Each shows what a planner should find: good centres, and every kind of mistake.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from city.demo import (
    BANYAN,
    BRIDGE,
    EGRET,
    FERRY,
    FISHERS,
    FLOWER,
    KAPOK,
    LABELS,
    PAGODA,
    PEARL,
)
from city.grid import Floats, trace_cell
from city.people import City, choose_headquarters, cover_greedily, measure_distances
from city.proposals import describe_site
from city.walks import Walks

READY = "2010-08-15"
LATE = "2010-10-01"
ABROAD_M = 220.0
ABROAD_BAND_M = 80.0
BESIDE_M = 130.0
REACH_ON_FOOT_M = 1_000.0
TEAM_REACH_M = 790.0  # within the radius, with something to spare
TEAM_ROUNDS = 6
EDGE_SHARE = 0.36


@dataclass(frozen=True, slots=True)
class Draft:
    """One site of a story, before it has a place.

    Attributes
    ----------
    name
        Its name, in Chinese.
    pick
        How its place is chosen, see `_Search`.
    role
        As in a proposal; left out where empty.
    floor_area_m2
        As in a proposal.
    more
        Further properties, in place of the usual ones; None leaves one out. `parcel` draws the
        site as a parcel.
    """

    name: str
    pick: str
    role: str
    floor_area_m2: int
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Story:
    """The proposal of one subdistrict.

    Attributes
    ----------
    mode
        Operating mode; None = forgotten.
    chinese
        Whether the file has Chinese keys and values.
    drafts
        Its sites.
    """

    mode: int | None
    chinese: bool
    drafts: tuple[Draft, ...]


def _head(name: str, pick: str, area_m2: int, **more: Any) -> Draft:  # noqa: ANN401 - any property
    """Draft a headquarters."""
    return Draft(name, pick, "headquarters", area_m2, {"office_area_m2": 180, **more})


def _branch(name: str, pick: str, area_m2: int, **more: Any) -> Draft:  # noqa: ANN401 - any property
    """Draft a branch."""
    return Draft(name, pick, "branch", area_m2, {"office_area_m2": 40, **more})


STORIES = {
    # One centre in a compact old town: good.
    BANYAN: Story(
        mode=1,
        chinese=True,
        drafts=(
            Draft(
                "榕荫街社区综合服务中心",
                "best",
                "",
                1650,
                {
                    "office_area_m2": 220,
                    "premises": "conversion",
                    "address": "榕荫街道榕荫里8号(虚构)",
                    "cost_wan": 180,
                    "annual_cost_wan": 200,
                },
            ),
        ),
    ),
    # A headquarters and two branches, well spread: good.
    PEARL: Story(
        mode=2,
        chinese=False,
        drafts=(
            _head("珠澜街社区综合服务中心(总部)", "team", 1200, cost_wan=150, annual_cost_wan=120),
            _branch("珠澜街第一分站", "team", 420, status="existing", premises="existing"),
            _branch("珠澜街第二分站", "team", 380, premises="lease"),
        ),
    ),
    # Three sites side by side in a corner; a candidate shows what a better place would add.
    KAPOK: Story(
        mode=1,
        chinese=True,
        drafts=(
            _head("木棉街社区综合服务中心(总部)", "edge", 760, premises="new_build"),
            _branch("木棉街第一分站", "beside", 240, premises="lease"),
            _branch("木棉街第二分站", "beside", 200, premises="lease"),
            Draft("木棉街旧粮仓(备选)", "next", "", 620, {"status": "candidate"}),
        ),
    ),
    # Ready only in October, with two candidates that would be ready in time.
    FERRY: Story(
        mode=2,
        chinese=False,
        drafts=(
            _head(
                "南渡街社区综合服务中心(总部)",
                "best",
                1450,
                premises="new_build",
                available_from=LATE,
                parcel=True,
                land_use="A6 社会福利用地",
            ),
            _branch("南渡街文化楼分站", "next", 360, status="existing", premises="existing"),
            Draft("南渡街旧粮站(备选)", "next", "", 900, {"status": "candidate"}),
            Draft("南渡街工会楼(备选)", "next", "", 540, {"status": "candidate"}),
        ),
    ),
    # Two branches and no headquarters.
    PAGODA: Story(
        mode=1,
        chinese=True,
        drafts=(
            _branch("塔岗街第一分站", "team", 620, premises="extension"),
            _branch("塔岗街第二分站", "team", 580, premises="lease"),
        ),
    ),
    # Two headquarters, two projects, and a mode that is not the pilot list's.
    FLOWER: Story(
        mode=2,
        chinese=False,
        drafts=(
            _head("花埭街社区综合服务中心(一)", "team", 880),
            _head("花埭街社区综合服务中心(二)", "team", 860, premises="lease"),
            _branch("花埭街园艺分站", "next", 260, status="existing", premises="existing"),
        ),
    ),
    # A branch on a sandbank that no bridge reaches.
    FISHERS: Story(
        mode=2,
        chinese=True,
        drafts=(
            _head("渔歌街社区综合服务中心(总部)", "team", 1180, premises="extension"),
            _branch("渔歌街第一分站", "team", 300, premises="lease"),
            _branch("渔歌街沙洲分站", "sandbank", 210, status="existing", premises="existing"),
        ),
    ),
    # A branch that lies in the neighbouring subdistrict.
    BRIDGE: Story(
        mode=1,
        chinese=False,
        drafts=(
            _head("石桥街社区综合服务中心(总部)", "best", 1240, premises="lease"),
            _branch("石桥街第一分站", "abroad", 350, premises="lease"),
        ),
    ),
    # A form filled in carelessly: no source of the premises, no mode, little floor area.
    EGRET: Story(
        mode=None,
        chinese=True,
        drafts=(
            Draft(
                "鹭汀街社区综合服务中心",
                "best",
                "",
                420,
                {"office_area_m2": None, "premises": None, "note": "面积为初步测算(虚构)"},
            ),
        ),
    ),
}


def propose(city: City) -> dict[str, list[dict[str, Any]]]:
    """Give the features of each story by subdistrict code."""
    walks = Walks(city.fabric)
    return {
        LABELS.codes[number]: _tell(story, number, _Search(city, walks, number).place(story.drafts))
        for number, story in STORIES.items()
    }


def _tell(story: Story, number: int, places: list[Floats]) -> list[dict[str, Any]]:
    """Give the features of one story."""
    features = []
    for index, (draft, place) in enumerate(zip(story.drafts, places, strict=True)):
        more = dict(draft.more)
        is_parcel = more.pop("parcel", False)
        properties = {
            "id": f"{LABELS.codes[number]}-{index + 1}",
            "name": draft.name,
            "subdistrict": LABELS.names[number] if story.chinese else LABELS.codes[number],
            "status": "proposed",
            "role": draft.role or None,
            "premises": "conversion",
            "floor_area_m2": draft.floor_area_m2,
            "available_from": READY,
            "mode": story.mode,
            "services": ["family_service", "elderly", "youth"],
            **more,
        }
        known = {key: value for key, value in properties.items() if value is not None}
        shape = place + _PARCEL if is_parcel else place
        features.append(describe_site(known, shape, chinese=story.chinese))
    return features


_PARCEL = np.array([[-23.0, -15.0], [23.0, -15.0], [23.0, 15.0], [-23.0, 15.0]])


class _Search:
    """Places for the sites of one subdistrict; each knows the places before it."""

    def __init__(self, city: City, walks: Walks, number: int) -> None:
        spots = city.spots
        self.city, self.walks, self.number = city, walks, number
        self.own = spots.xy[(spots.subdistricts == number) & ~spots.on_sandbank]
        self.homes, self.weights = city.people_of(number)
        self.to_homes_m = walks.measure(self.own, self.homes)
        self.chosen: list[Floats] = []
        self.open = np.ones(len(self.homes), dtype=bool)

    def place(self, drafts: tuple[Draft, ...]) -> list[Floats]:
        """Choose a building for each draft, in order."""
        team = self._choose_team(sum(draft.pick == "team" for draft in drafts))
        for draft in drafts:
            if draft.pick in {"sandbank", "abroad"}:
                place = self._go_to_sandbank() if draft.pick == "sandbank" else self._go_abroad()
                self.chosen.append(place)
                continue
            spot = team.pop(0) if draft.pick == "team" else self._choose(draft.pick)
            self.open &= self.to_homes_m[spot] > REACH_ON_FOOT_M
            self.chosen.append(self.own[spot])
        return self.chosen

    def _choose(self, pick: str) -> int:
        """Choose a spot of the subdistrict's own."""
        if pick == "beside":
            away_m = measure_distances(self.own, np.array(self.chosen)).min(axis=1)
            return int(np.argmin(np.where(away_m < BESIDE_M, np.inf, away_m)))
        gains = (self.to_homes_m <= REACH_ON_FOOT_M) @ (self.weights * self.open)
        if pick == "edge":
            return int(np.argmin(np.abs(gains - EDGE_SHARE * self.weights.sum())))
        return int(np.argmax(gains))

    def _choose_team(self, count: int) -> list[int]:
        """Choose spots that together cover most residents, the best headquarters first.

        Greedy, then each is moved to a better spot a few times over.
        """
        if count == 0:
            return []
        reached = self.to_homes_m <= TEAM_REACH_M
        team = cover_greedily(reached, self.weights)[:count]
        for _ in range(TEAM_ROUNDS):
            for seat in range(count):
                others = np.delete(np.array(team), seat)
                left = np.where(reached[others].any(axis=0), 0.0, self.weights)
                team[seat] = int(np.argmax(reached @ left))
        sites = self.own[team]
        first = choose_headquarters(
            self.walks.measure(sites, sites), self.to_homes_m[team], self.weights
        )
        return [team[first], *team[:first], *team[first + 1 :]]

    def _go_to_sandbank(self) -> Floats:
        """Choose a spot in the middle of the sandbank."""
        island = self.city.spots.xy[self.city.spots.on_sandbank]
        away_m = measure_distances(island, island.mean(axis=0)[None, :])[:, 0]
        place: Floats = island[np.argmin(away_m)]
        return place

    def _go_abroad(self) -> Floats:
        """Choose the best spot for one's own residents of those well outside one's own border."""
        grid = self.city.fabric.grid
        cells = [
            shapely.Polygon(trace_cell(grid, row, column))
            for row, column in np.argwhere(grid.owners == self.number).tolist()
        ]
        xy = self.city.spots.xy
        away_m = shapely.distance(shapely.points(xy), shapely.union_all(cells))
        abroad = xy[np.abs(away_m - ABROAD_M) < ABROAD_BAND_M]
        reached = self.walks.measure(abroad, self.homes) <= REACH_ON_FOOT_M
        place: Floats = abroad[np.argmax(reached @ self.weights)]
        return place
