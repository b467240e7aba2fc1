"""A case made of a cut: its folder is there whole, or not at all."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from siteplan.errors import Defect, OutputExistsError, Text, join_names
from siteplan.fetch.choosing import write_objects
from siteplan.fetch.cut import Cut, CutSubdistrict, cut_place
from siteplan.fetch.readme import write_readme, write_settings
from siteplan.fetch.venues import CANDIDATES, Venue, find_venues
from siteplan.files import BESIDE, defuse_cell, hash_file
from siteplan.model import Shape

Tell = Callable[[Text], None]

FORMAT = "siteplan-fetched/1"
MANIFEST = "fetched.json"
BOUNDARIES = "data/boundaries/subdistricts.geojson"
ROADS = "data/roads.osm.pbf"
CANDIDATES_FILE = "data/proposals/candidates.geojson"
POPULATION = "data/population.csv"
POPULATION_COLUMNS = ("code", "name", "year", "population", "source")
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
        if not self.unpeopled:
            return Text(
                f"可以评估了：siteplan evaluate {self.folder}",
                f"Ready to judge: siteplan evaluate {self.folder}",
            )
        missing = len(self.unpeopled)
        return Text(
            f"{self.folder / POPULATION} 中有 {missing} 个街道的常住人口（population 列）待填写，"
            f"填好后运行 siteplan evaluate {self.folder}",
            f"Fill in the column population of {self.folder / POPULATION} for {missing}"
            f" subdistricts, then run siteplan evaluate {self.folder}",
        )


def fetch_from(
    path: Path,
    place: str | None,
    boundary: Path | None,
    into: Path,
    level: int | None = None,
    tell: Tell = lambda _: None,
) -> Fetched:
    """Cut a case out of an OpenStreetMap file, with no internet.

    Parameters
    ----------
    path
        The extract, of any size.
    place, boundary, level
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
    return write_case(cut_place(path, place, boundary, level, tell), into, tell)


def write_case(cut: Cut, into: Path, tell: Tell = lambda _: None) -> Fetched:
    """Write a case: beside its place first, then renamed into it. The same cut, the same bytes.

    Raises
    ------
    OutputExistsError
        If the folder holds anything but a fetched case that nobody touched.
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
        Naming what stands there.
    """
    if not into.exists() and not into.is_symlink():
        return
    if into.is_symlink() or not into.is_dir():
        foreign = [into.name]
    else:
        held = [path for path in sorted(into.rglob("*")) if not path.is_dir() or path.is_symlink()]
        known = _read_hashes(into / MANIFEST)
        foreign = []
        for path in held:
            name = path.relative_to(into).as_posix()
            if name == MANIFEST and known:
                continue
            same = name in known and path.is_file() and not path.is_symlink()
            if not (same and hash_file(path) == known[name]):
                foreign.append(name)
    if foreign:
        names = join_names(foreign)
        problem = Text(
            f"已有别的或改过的文件：{names.zh}",
            f"holds files that were changed, or are not of a fetched case: {names.en}",
        )
        remedy = Text("请用 --into 指定新文件夹", "Name a new folder with --into")
        raise OutputExistsError(Defect(str(into), problem, remedy))


def _read_hashes(path: Path) -> Mapping[str, str]:
    """Return the hash of each file of a fetched case; none if it is no such case."""
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        return {}
    files = manifest.get("files")
    return files if isinstance(files, dict) else {}


@contextmanager
def _replace_folder(into: Path) -> Iterator[Path]:
    """Give a folder to write to, which takes the place of another at the end of the block."""
    refuse_used(into)
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=BESIDE, dir=into.parent) as beside:
            made, old = Path(beside) / "case", Path(beside) / "old"
            made.mkdir()
            yield made
            refuse_used(into)  # somebody may have come in between
            if into.exists():
                into.rename(old)
            made.rename(into)
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
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
    """Return the table of residents; with a mark by which Excel knows that it is UTF-8."""
    content = io.StringIO()
    table = csv.writer(content, lineterminator="\n")
    table.writerow(POPULATION_COLUMNS)
    for each in cut.subdistricts:
        people = "" if each.population is None else f"{each.population:.12g}"
        row = (each.code, each.name, each.year or "", people, each.source)
        table.writerow([defuse_cell(cell) for cell in row])
    return f"\ufeff{content.getvalue()}"
