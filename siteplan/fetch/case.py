"""A case made of a cut: its folder is there whole, or not at all."""

import csv
import io
import json
import shlex
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from siteplan.errors import Defect, OutputExistsError, Text, join_names
from siteplan.fetch.choosing import write_objects
from siteplan.fetch.cut import Cut, cut_place
from siteplan.fetch.manifest import FETCHER, FORMAT, MANIFEST, read_hashes
from siteplan.fetch.readme import write_readme, write_settings
from siteplan.fetch.venues import CANDIDATES, Venue, find_venues
from siteplan.fetch.wanted import CutSubdistrict, Wanted
from siteplan.files import BESIDE, defuse_cell, hash_file
from siteplan.model import Shape
from siteplan.model.counted import WRITTEN

Tell = Callable[[Text], None]

BOUNDARIES = "data/boundaries/subdistricts.geojson"
ROADS = "data/roads.osm.pbf"
CANDIDATES_FILE = "data/proposals/candidates.geojson"
POPULATION = "data/population.csv"
POPULATION_COLUMNS = ("code", "name", "year", "population", "estimated", "source", WRITTEN)
DECIMALS = 7  # of a degree, as OpenStreetMap has them: a centimetre


@dataclass(frozen=True, slots=True)
class Fetched:
    """A case that was written.

    Attributes
    ----------
    folder
        Where.
    subdistricts, venues
        How many it has.
    unpeopled
        Codes of the subdistricts whose population is to be filled in.
    """

    folder: Path
    subdistricts: int
    venues: int
    unpeopled: tuple[str, ...]

    @property
    def next_step(self) -> Text:
        """What its reader does next."""
        case = shlex.quote(str(self.folder))
        evaluate = f"siteplan evaluate {case}"
        if not self.unpeopled:
            return Text(f"可以评估了：{evaluate}", f"Ready to judge: {evaluate}")
        missing, table = len(self.unpeopled), self.folder / POPULATION
        return Text(
            f"{table} 缺 {missing} 个街道的常住人口：填写其中的 population 列，或运行"
            f" siteplan data population 栅格或CSV --case {case} --year 年份 --source 来源；"
            f"然后运行 {evaluate}",
            f"{table} lacks the residents of {missing} subdistricts: fill in its column population,"
            f" or run siteplan data population RASTER|CSV --case {case} --year YEAR --source TEXT;"
            f" then run {evaluate}",
        )


def fetch_from(
    path: Path,
    wanted: Wanted,
    into: Path,
    tell: Tell = lambda _: None,
    label: str | None = None,
) -> Fetched:
    """Cut a case out of an OpenStreetMap file, with no internet.

    Parameters
    ----------
    path
        The extract, of any size.
    wanted, label
        As `cut_place` takes them.
    into
        Folder of the case; a fetched case that nobody touched is replaced.
    tell
        Called with what is being done.

    Raises
    ------
    InputError
        If the extract or the boundary cannot be used, or leaves a question open.
    OutputExistsError
        If the folder holds anything else.
    """
    refuse_used(into)
    return write_case(cut_place(path, wanted, tell, label), into, tell)


def write_case(cut: Cut, into: Path, tell: Tell = lambda _: None) -> Fetched:
    """Write a case: beside its place first, then renamed into it. The same cut, the same bytes.

    Raises
    ------
    OutputExistsError
        If the folder holds anything but a fetched case that nobody touched, or cannot be made.
    """
    tell(Text("写入案例", "writing the case"))
    with _replace_folder(into) as folder:
        for name in (BOUNDARIES, ROADS, CANDIDATES_FILE):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_objects(cut.extract, cut.chosen, folder / ROADS)
        venues = find_venues(folder / ROADS, cut.subdistricts)
        texts = {
            BOUNDARIES: _write_features([_draw_subdistrict(each) for each in cut.subdistricts]),
            CANDIDATES_FILE: _write_features([_draw_venue(each) for each in venues]),
            POPULATION: _write_population(cut),
            "siteplan.toml": write_settings(cut),
            "README.md": write_readme(cut, len(venues)),
        }
        if not venues:
            del texts[CANDIDATES_FILE]
            (folder / CANDIDATES_FILE).parent.rmdir()
        for name, text in texts.items():
            (folder / name).write_bytes(text.encode("utf-8"))
        hashes = {name: hash_file(folder / name) for name in sorted([*texts, ROADS])}
        manifest = {
            "format": FORMAT,
            "extract": cut.extract.label,
            "replicated": cut.extract.replicated,
            "place": cut.origin,
            "level": cut.level,
            "population": {each.code: _cite(each) for each in cut.subdistricts if each.tags},
            "files": hashes,
        }
        (folder / MANIFEST).write_text(
            json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
    unpeopled = tuple(each.code for each in cut.subdistricts if each.population is None)
    return Fetched(into, len(cut.subdistricts), len(venues), unpeopled)


def refuse_used(into: Path) -> None:
    """Refuse a folder that holds anything but a fetched case that nobody touched.

    Raises
    ------
    OutputExistsError
        Naming what stands there, or why it cannot be looked at.
    """
    with _refuse_unwritable(into):
        foreign = _list_foreign(into)
    if foreign:
        names = join_names(foreign)
        problem = Text(
            f"已有别的或改过的文件：{names.zh}",
            f"holds files that were changed, or are not of a fetched case: {names.en}",
        )
        remedy = Text("请用 --into 指定新文件夹", "Name a new folder with --into")
        raise OutputExistsError(Defect(str(into), problem, remedy))


def _list_foreign(into: Path) -> list[str]:
    """Return the files of a folder that are not those of a fetched case, or were changed."""
    if not into.exists() and not into.is_symlink():
        return []
    if into.is_symlink() or not into.is_dir():
        return [into.name]
    held = [path for path in sorted(into.rglob("*")) if not path.is_dir() or path.is_symlink()]
    known = read_hashes(into / MANIFEST)
    foreign = []
    for path in held:
        name = path.relative_to(into).as_posix()
        if name == MANIFEST and known:
            continue
        same = name in known and path.is_file() and not path.is_symlink()
        if not (same and hash_file(path) == known[name]):
            foreign.append(name)
    return foreign


@contextmanager
def _replace_folder(into: Path) -> Iterator[Path]:
    """Give a folder to write to, which takes the place of another at the end of the block."""
    refuse_used(into)
    with _refuse_unwritable(into):
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=BESIDE, dir=into.parent) as beside:
            made, old = Path(beside) / "case", Path(beside) / "old"
            made.mkdir()
            yield made
            refuse_used(into)  # somebody may have come in between
            if into.exists():
                into.rename(old)
            made.rename(into)


@contextmanager
def _refuse_unwritable(into: Path) -> Iterator[None]:
    """Turn what the system says of a folder that cannot be made into an `OutputExistsError`."""
    try:
        yield
    except OSError as error:
        problem = Text(f"无法写入（{error.strerror}）", f"cannot be written to ({error.strerror})")
        remedy = Text("请用 --into 指定别的文件夹", "Name another folder with --into")
        raise OutputExistsError(Defect(str(into), problem, remedy)) from error


def _write_features(features: list[dict[str, object]]) -> str:
    """Return a FeatureCollection with one feature to a line."""
    lines = ",\n".join(
        json.dumps(feature, ensure_ascii=False, separators=(",", ":")) for feature in features
    )
    return f'{{"type":"FeatureCollection","features":[\n{lines}\n]}}\n'


def _draw_subdistrict(each: CutSubdistrict) -> dict[str, object]:
    labels = {"code": each.code, "name": each.name}
    if each.district is not None:
        labels["district"] = each.district
    if each.osm:
        labels["osm"] = each.osm
    return {"type": "Feature", "properties": labels, "geometry": _draw(each.shape)}


def _cite(each: CutSubdistrict) -> dict[str, str]:
    """Return which boundary says how many live in a subdistrict, in the words of its tags."""
    return {"osm": each.osm, **each.tags}


def _draw(shape: Shape) -> object:
    rounded = shapely.transform(shape, lambda lonlat: np.round(lonlat, DECIMALS))
    return json.loads(shapely.to_geojson(shapely.orient_polygons(rounded)))


def _draw_venue(venue: Venue) -> dict[str, object]:
    kind = CANDIDATES[venue.kind]
    note = f"OpenStreetMap {venue.osm}: {kind.zh} {kind.en}"
    properties = {
        "id": venue.id,
        "name": venue.name or f"{kind.zh} {venue.osm}",
        "subdistrict": venue.subdistrict,
        "status": "candidate",
        "note": note,
    }
    point = {"type": "Point", "coordinates": [venue.lon, venue.lat]}
    return {"type": "Feature", "properties": properties, "geometry": point}


def _write_population(cut: Cut) -> str:
    """Return the table of residents; with a mark by which Excel knows that it is UTF-8.

    What OpenStreetMap says are estimates; of a file of one's own nobody knows.
    """
    content = io.StringIO()
    table = csv.writer(content, lineterminator="\n")
    table.writerow(POPULATION_COLUMNS)
    for each in cut.subdistricts:
        people = "" if each.population is None else f"{each.population:.12g}"
        estimated = "yes" if people and each.osm else ""
        row = (each.code, each.name, each.year or "", people, estimated, each.source, FETCHER)
        table.writerow([defuse_cell(cell) for cell in row])
    return f"\ufeff{content.getvalue()}"
