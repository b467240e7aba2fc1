"""The files of one case: where they are, what is read of them, and what is wrong with them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyproj

from siteplan.crs import WGS84, Datum, check_working_crs
from siteplan.errors import Defect, DefectList, InputError, Text
from siteplan.files import (
    describe_path,
    find_original,
    hash_file,
    name_corrected,
    name_log,
    read_log,
)
from siteplan.inputs.boundaries import Boundaries, read_boundaries
from siteplan.inputs.buildings import make_weights_of_layer, make_weights_of_osm
from siteplan.inputs.cache import read_osm_once
from siteplan.inputs.facilities import make_facilities_of_layer, make_facilities_of_osm
from siteplan.inputs.graphml import RoadGraph, make_roads_of_graphml, read_graphml
from siteplan.inputs.osm import LICENCE, is_osm
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.population import (
    make_study_area,
    note_estimates,
    note_places,
    note_unused,
    read_population,
    read_residents,
)
from siteplan.inputs.projects import read_projects
from siteplan.inputs.proposals import Proposal, find_subdistrict, gather_sites, read_proposal
from siteplan.inputs.reviews import read_reviews
from siteplan.inputs.roads import make_roads_of_lines, make_roads_of_osm
from siteplan.inputs.settings import NAME, Settings
from siteplan.inputs.stops import make_stops_of_layer, make_stops_of_osm
from siteplan.inputs.tables import read_table
from siteplan.inputs.vector import (
    FORMATS,
    LINES,
    POINTS,
    POLYGONS,
    Layer,
    read_layer,
    scan_layer,
)
from siteplan.model import (
    Decision,
    Facilities,
    Project,
    Refused,
    Roads,
    Sites,
    Source,
    Stops,
    StudyArea,
    Succession,
    Weights,
)

FOLDERS = {"boundaries": "data/boundaries", "proposals": "data/proposals"}
TABLES = {
    "population": "data/population.csv",
    "projects": "data/projects.csv",
    "reviews": "data/reviews.json",
}
ROADS_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".graphml", *FORMATS)
LAYER_SUFFIXES = (*FORMATS, ".csv")
COMPANIONS = {
    ".dbf", ".prj", ".cpg", ".shx", ".sbn", ".sbx", ".qix", ".qmd", ".qpj", ".xml",
    ".gpkg-wal", ".gpkg-shm", ".gpkg-journal", ".md", ".txt", ".log", ".db", ".ini",
}  # fmt: skip
"""Files that stand beside data without being data: parts of a Shapefile, journals of a GeoPackage,
remarks, what Windows leaves in a folder."""
HIDDEN = (".", "~$")  # the latter: Office has the file open

Ways = OsmExtract | RoadGraph | Layer


@dataclass(slots=True)
class CaseReader:
    """Where the files of one case are, what was read of them, and what was wrong."""

    folder: Path
    settings: Settings
    sources: list[Source]
    defects: DefectList

    def find(self, role: str) -> Path | None:
        """Return the file of a role; None if the case has none.

        Raises
        ------
        InputError
            If the settings name a file that is not there, or the folder holds two for one role.
        """
        if role in self.settings.paths:
            path = self.folder / self.settings.paths[role]
            if path.exists():
                return path
            problem = Text(
                f"找不到 paths.{role}：{self.settings.paths[role]}",
                f"paths.{role} is not there: {self.settings.paths[role]}",
            )
            remedy = Text("请更正路径，路径从案例文件夹算起", "Correct it; paths start at the case")
            raise InputError(Defect(NAME, problem, remedy, field=f"paths.{role}"))
        if role in FOLDERS or role in TABLES:
            path = self.folder / (FOLDERS.get(role) or TABLES[role])
            return path if path.exists() else None
        suffixes = ROADS_SUFFIXES if role == "roads" else LAYER_SUFFIXES
        names = {f"{role}{suffix}" for suffix in suffixes}
        found = _list_files(self.folder / "data", lambda path: path.name.lower() in names)
        if len(found) > 1:
            listed = ", ".join(path.name for path in found)
            problem = Text(
                f"有多个 {role} 文件：{listed}", f"holds several files of {role}: {listed}"
            )
            remedy = Text("请只留一个", "Keep one of them")
            raise InputError(Defect("data", problem, remedy, field=role))
        return found[0] if found else None

    def find_all(self, role: str) -> list[Path]:
        """Return the files of a role that may have several, in order of path."""
        path = self.find(role)
        if path is None or path.is_file():
            return [] if path is None else [path]
        return _list_files(path, lambda file: file.suffix.lower() not in COMPANIONS)

    def name(self, path: Path) -> str:
        """Return how messages call a file."""
        return describe_path(path, self.folder)

    def note(
        self,
        role: str,
        path: Path,
        rows: int,
        *,
        crs: str | None = None,
        datum: Datum | None = None,
        notes: tuple[Text, ...] = (),
    ) -> None:
        """Keep a file among the sources; the datum is that of its role if it has a CRS."""
        datum = datum or (self.datum(role) if crs else None)
        name, licence = self.name(path), LICENCE if is_osm(path) else None
        self.sources.append(Source(role, name, hash_file(path), rows, crs, datum, licence, notes))

    def columns(self, role: str) -> Mapping[str, str]:
        """Return the names that the files of a role have for our columns."""
        return self.settings.columns.get(role, {})

    def datum(self, role: str) -> Datum:
        """Return what the degrees of the files of a role really are."""
        return self.settings.datum.get(role, "wgs84")

    def read_boundaries(self) -> Boundaries | None:
        """Read all boundary files together; None with the reason among the defects."""
        layers, paths = [], []
        with self.defects.collect():
            paths = self.find_all("boundaries")
            if not paths:
                problem = Text("没有街道边界", "holds no subdistrict boundaries")
                remedy = Text(
                    f"请在 {FOLDERS['boundaries']}/ 放入 GeoJSON、GeoPackage 或 Shapefile",
                    f"Put GeoJSON, GeoPackage or Shapefile into {FOLDERS['boundaries']}/",
                )
                raise InputError(Defect(FOLDERS["boundaries"], problem, remedy))
        for path in paths:
            with self.defects.collect():
                datum = self.datum("boundaries")
                layers.append(read_layer(path, self.name(path), kinds=POLYGONS, datum=datum))
        if not layers or len(layers) < len(paths):
            return None
        with self.defects.collect():
            crs = self.settings.crs and check_working_crs(self.settings.crs, NAME)
            boundaries = read_boundaries(layers, self.columns("boundaries"), crs)
            for path, layer in zip(paths, layers, strict=True):
                notes = boundaries.notes if path == paths[0] else ()
                self.note("boundaries", path, len(layer.rows), crs=_say_crs(layer.crs), notes=notes)
            return boundaries
        return None

    def read_area(self) -> StudyArea | None:
        """Read boundaries and residents; None with the reason among the defects."""
        boundaries = self.read_boundaries()
        with self.defects.collect():
            path, table, label = self.find("population"), None, FOLDERS["boundaries"]
            remarks: tuple[Text, ...] = ()
            if path is not None:
                label = self.name(path)
                table, remarks = read_population(path, label, self.columns("population"))
            if boundaries is None:
                return None
            area = make_study_area(boundaries, table, label)
            if path is not None and table is not None:
                kept = {code: table[code] for code in area.codes}
                notes = (*note_estimates(kept), *note_unused(table, area.codes), *remarks)
                self.note("population", path, len(table), notes=notes)
            return area
        return None

    def read_ways(self) -> Ways | None:
        """Read the file of the roads; None if the case has none or it cannot be used."""
        with self.defects.collect():
            path = self.find("roads")
            if path is None:
                return None
            label, datum = self.name(path), self.datum("roads")
            if is_osm(path):
                return read_osm_once(path, label, datum)
            if path.suffix.lower() == ".graphml":
                return read_graphml(path, label, datum)
            return read_layer(path, label, kinds=LINES, datum=datum)
        return None

    def read_layer(self, role: str, kinds: Collection[str]) -> Layer | None:
        """Read the layer of a role; None if the case has none or it cannot be used."""
        with self.defects.collect():
            path, columns = self.find(role), self.columns(role)
            if path is not None:
                label, datum = self.name(path), self.datum(role)
                return read_layer(path, label, kinds=kinds, datum=datum, columns=columns)
        return None

    def make_roads(self, ways: Ways | None, crs: str) -> Roads | None:
        """Return what people walk on; None if the case has no roads."""
        with self.defects.collect():
            path = self.find("roads")
            if ways is None or path is None:
                return None
            notes: tuple[Text, ...] = ()
            if isinstance(ways, OsmExtract):
                roads, own_crs, notes = make_roads_of_osm(ways, crs), WGS84, _note_losses(ways)
            elif isinstance(ways, RoadGraph):
                roads, own_crs = make_roads_of_graphml(ways, crs), ways.crs
            else:
                roads = make_roads_of_lines(ways, crs, self.columns("roads"))
                own_crs = _say_crs(ways.crs)
            if not len(roads.tail):
                problem = Text("没有可步行的道路", "holds no road that may be walked")
                remedy = Text("请检查 highway 标签", "Check the tags highway")
                raise InputError(Defect(self.name(path), problem, remedy, field="highway"))
            self.note("roads", path, len(roads.tail), crs=own_crs, notes=notes)
            return roads
        return None

    def make_buildings(
        self, footprints: Layer | None, ways: Ways | None, crs: str
    ) -> Weights | None:
        """Return the buildings of their own file, or else those of the OpenStreetMap extract."""
        if footprints is not None:
            path = self.find("buildings")
            weights = make_weights_of_layer(footprints, self.columns("buildings"), crs)
            own_crs, datum = _say_crs(footprints.crs), self.datum("buildings")
        elif isinstance(ways, OsmExtract) and len(ways.buildings):
            path = self.find("roads")
            weights = make_weights_of_osm(ways, crs)
            own_crs, datum = WGS84, self.datum("roads")
        else:
            return None
        if path is not None:
            self.note("buildings", path, len(weights.x), crs=own_crs, datum=datum)
        return weights

    def make_residents(self, blocks: Layer | None, area: StudyArea) -> Weights | None:
        """Return where people live, if a file says so."""
        with self.defects.collect():
            path = self.find("residents")
            if blocks is None or path is None:
                return None
            groups = sorted({group for s in area.subdistricts for group in s.groups})
            weights = read_residents(blocks, self.columns("residents"), area.crs, groups)
            notes = note_places(blocks)
            self.note("residents", path, len(weights.x), crs=_say_crs(blocks.crs), notes=notes)
            return weights
        return None

    def make_facilities(
        self, layer: Layer | None, ways: Ways | None, crs: str
    ) -> Facilities | None:
        """Return the public services of their own file, or else those of the extract."""
        with self.defects.collect():
            if layer is not None:
                path = self.find("facilities")
                found = make_facilities_of_layer(layer, self.columns("facilities"), crs)
                own_crs, datum = _say_crs(layer.crs), self.datum("facilities")
            elif isinstance(ways, OsmExtract) and len(ways.service_kind):
                path = self.find("roads")
                found = make_facilities_of_osm(ways, crs)
                own_crs, datum = WGS84, self.datum("roads")
            else:
                return None
            if path is not None:
                self.note("facilities", path, len(found.x), crs=own_crs, datum=datum)
            return found
        return None

    def make_stops(self, layer: Layer | None, ways: Ways | None, crs: str) -> Stops | None:
        """Return the stops of public transport of their own file, or else those of the extract."""
        with self.defects.collect():
            if layer is not None:
                path = self.find("stops")
                found = make_stops_of_layer(layer, self.columns("stops"), crs)
                own_crs, datum = _say_crs(layer.crs), self.datum("stops")
            elif isinstance(ways, OsmExtract) and len(ways.stop_kind):
                path = self.find("roads")
                found = make_stops_of_osm(ways, crs)
                own_crs, datum = WGS84, self.datum("roads")
            else:
                return None
            if path is not None:
                self.note("stops", path, int(found.first.sum()), crs=own_crs, datum=datum)
            return found
        return None

    def read_projects(
        self, area: StudyArea, succession: Succession
    ) -> dict[str, tuple[Project, ...]]:
        """Read the projects filed for each subdistrict, by code; old names and codes are known."""
        with self.defects.collect():
            path = self.find("projects")
            if path is None:
                return {}
            label = self.name(path)

            def find_code(claimed: str) -> str | None:
                today = (code for code in succession.find_today(claimed) if code in area.codes)
                return find_subdistrict(claimed, area) or next(today, None)

            table = read_table(path, label)
            filed, notes, defects = read_projects(table, label, find_code)
            self.defects += defects
            self.note("projects", path, len(table), notes=notes)
            return filed
        return {}

    def read_reviews(self) -> tuple[Decision, ...]:
        """Read what the planning bureau has decided, in order of site and time."""
        with self.defects.collect():
            path = self.find("reviews")
            if path is None:
                return ()
            decisions = read_reviews(path, self.name(path))
            self.note("reviews", path, len(decisions))
            return decisions
        return ()

    def read_sites(self, area: StudyArea) -> tuple[Sites, tuple[Refused, ...]]:
        """Read every proposals file; one that cannot be used is refused by itself."""
        refused: list[Refused] = []
        read: list[tuple[str, Proposal]] = []
        columns, datum = self.columns("proposals"), self.datum("proposals")
        for path in self._find_proposals():
            label = self.name(path)
            try:
                refuse_outdated(path, label)
                layer = scan_layer(
                    path,
                    label,
                    kinds=POINTS | POLYGONS,
                    datum=datum,
                    columns=columns,
                    limits=self.settings.limits,
                )
                read.append((label, read_proposal(layer, columns, area)))
                self.note("proposals", path, len(layer.rows), crs=_say_crs(layer.crs))
            except InputError as error:
                refused.append(Refused(label, error.defects))
        sites, notes, doubled = gather_sites([proposal for _, proposal in read])
        for (label, _), remarks, defects in zip(read, notes, doubled, strict=True):
            if defects:
                refused.append(Refused(label, tuple(defects)))
                self.sources = [source for source in self.sources if source.path != label]
            else:
                self._add_notes(label, remarks)
        return sites, tuple(sorted(refused, key=lambda entry: entry.path))

    def _find_proposals(self) -> list[Path]:
        """Return the files of proposals; a corrected copy takes the place of its original."""
        with self.defects.collect():
            paths = self.find_all("proposals")
            replaced = {path for path in paths if name_corrected(path) in paths}
            return [path for path in paths if path not in replaced]
        self.defects.raise_errors()
        return []

    def _add_notes(self, label: str, notes: tuple[Text, ...]) -> None:
        self.sources = [
            replace(source, notes=notes) if source.path == label else source
            for source in self.sources
        ]


def refuse_outdated(path: Path, label: str) -> None:
    """Refuse a corrected copy whose original has changed since.

    Raises
    ------
    InputError
        If the log of the correction is missing, or names another original.
    """
    source = find_original(path)
    if source is None or not source.exists():
        return
    log = read_log(name_log(source))
    if log is None or log.source != hash_file(source):
        problem = Text(
            f"更正自较早的 {source.name}", f"was made of an earlier {source.name}, or has no log"
        )
        remedy = Text(
            "请重新运行 siteplan check --fix，或删去它",
            "Run siteplan check --fix again, or remove it",
        )
        raise InputError(Defect(label, problem, remedy))


def _list_files(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    """Return the visible files of a folder that are wanted, in order of name."""
    if not folder.is_dir():
        return []
    files: Iterable[Path] = (path for path in folder.iterdir() if path.is_file())
    return sorted(path for path in files if not path.name.startswith(HIDDEN) and wanted(path))


def _say_crs(crs: pyproj.CRS) -> str:
    return WGS84 if crs.is_geographic and crs.name.startswith("WGS 84") else str(crs.to_string())


def _note_losses(extract: OsmExtract) -> tuple[Text, ...]:
    """Say what a clipped extract lacks."""
    notes = []
    if extract.missing_nodes:
        notes.append(
            Text(
                f"数据在边缘被裁断：步行道路引用的 {extract.missing_nodes} 个节点不在文件中",
                f"the extract is clipped: {extract.missing_nodes} nodes that walkable ways refer to"
                " are not in the file",
            )
        )
    if extract.lost_buildings:
        notes.append(
            Text(
                f"{extract.lost_buildings} 栋住宅轮廓不完整，未计入",
                f"{extract.lost_buildings} residential buildings without a whole outline left out",
            )
        )
    return tuple(notes)
