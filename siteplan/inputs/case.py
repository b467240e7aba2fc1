"""A case is a directory: find its files, read each, and report all that is wrong with them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyproj

from siteplan.crs import (
    WGS84,
    Datum,
    check_working_crs,
    make_projection,
    project_geometry,
    to_wgs84,
)
from siteplan.errors import Defect, DefectList, InputError, Text
from siteplan.files import describe_path, hash_file
from siteplan.inputs.boundaries import Boundaries, read_boundaries
from siteplan.inputs.buildings import make_weights_of_layer, make_weights_of_osm
from siteplan.inputs.fields import parse_code, parse_text
from siteplan.inputs.graphml import make_roads_of_graphml
from siteplan.inputs.layers import FORMATS, LINES, POINTS, POLYGONS, read_layer, read_table
from siteplan.inputs.osm import LICENCE, OsmExtract, is_osm, read_osm
from siteplan.inputs.population import (
    PopulationRow,
    make_study_area,
    read_population,
    read_residents,
)
from siteplan.inputs.proposals import Proposal, gather_sites, read_proposal
from siteplan.inputs.roads import make_roads_of_lines, make_roads_of_osm
from siteplan.inputs.settings import NAME, Settings, read_settings
from siteplan.model import (
    Backdrop,
    Case,
    Metres,
    Refused,
    Roads,
    Sites,
    Source,
    StudyArea,
    Weights,
)
from siteplan.standard import read_standard

FOLDERS = {"boundaries": "data/boundaries", "proposals": "data/proposals"}
TABLES = {"population": "data/population.csv", "projects": "data/projects.csv"}
ROADS_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".graphml", *FORMATS)
LAYER_SUFFIXES = (*FORMATS, ".csv")
COMPANIONS = {
    ".dbf", ".prj", ".cpg", ".shx", ".sbn", ".sbx", ".qmd", ".qpj", ".xml", ".md", ".txt",
}  # fmt: skip
"""Files that stand beside data without being data: parts of a Shapefile, remarks."""
PROJECT_COLUMNS = ("subdistrict", "project_id")

Tell = Callable[[Text], None]


def read_case(folder: Path, *, standard: str | None = None, tell: Tell = lambda _: None) -> Case:
    """Read everything a case holds.

    Parameters
    ----------
    folder
        The case.
    standard
        Id or path of the planning standard to judge by instead of the case's own; a path is
        relative to the current directory.
    tell
        Called with what is being done.

    Raises
    ------
    InputError
        If boundaries, population, roads, standard or settings cannot be used: with the defects of
        all of them. A proposals file that cannot be used is left out and named in `refused`.
    """
    settings = read_settings(folder)
    reader = _Reader(folder, settings, [], DefectList())
    with reader.defects.collect():
        reading = (standard, Path()) if standard else (settings.standard, folder)
        chosen = read_standard(*reading)
    tell(Text("读取边界和人口", "reading boundaries and population"))
    boundaries, table = reader.read_boundaries(), reader.read_population()
    tell(Text("读取道路和建筑", "reading roads and buildings"))
    extract = reader.read_extract()
    projects = reader.read_projects()
    area = None
    if boundaries is not None:
        with reader.defects.collect():
            label = reader.name("population") or reader.name("boundaries") or ""
            area = make_study_area(boundaries, table, label)
    reader.defects.raise_errors()
    if area is None:
        raise InputError(*reader.defects)  # boundaries is None only where a defect says why
    roads = reader.read_roads(area, extract)
    buildings = reader.read_buildings(area, extract)
    residents = reader.read_residents(area)
    reader.defects.raise_errors()
    tell(Text("读取申报", "reading proposals"))
    sites, refused = reader.read_sites(area)
    return Case(
        name=settings.name,
        date=settings.day,
        standard=chosen,
        area=area,
        roads=roads,
        sites=sites,
        residents=residents,
        buildings=buildings,
        projects=projects,
        sources=tuple(sorted(reader.sources, key=lambda source: (source.path, source.role))),
        refused=refused,
        backdrop=reader.make_backdrop(area, extract),
    )


@dataclass(slots=True)
class _Reader:
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

    def name(self, role: str) -> str | None:
        """Return how messages call the file of a role; None if there is none."""
        path = self.find(role)
        return None if path is None else describe_path(path, self.folder)

    def note(
        self,
        role: str,
        path: Path,
        rows: int,
        *,
        crs: str | None = None,
        licence: str | None = None,
        notes: tuple[Text, ...] = (),
    ) -> None:
        """Keep a file among the sources."""
        datum = self.settings.datum.get(role, "wgs84") if crs else None
        label = describe_path(path, self.folder)
        self.sources.append(Source(role, label, hash_file(path), rows, crs, datum, licence, notes))

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
            label = describe_path(path, self.folder)
            with self.defects.collect():
                layer = read_layer(path, label, kinds=POLYGONS, datum=self.datum("boundaries"))
                layers.append(layer)
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

    def read_population(self) -> dict[str, PopulationRow] | None:
        """Read the table of residents; None if there is none or it cannot be used."""
        with self.defects.collect():
            path, label = self.find("population"), self.name("population")
            if path is not None and label is not None:
                table = read_population(path, label, self.columns("population"))
                self.note("population", path, len(table))
                return table
        return None

    def read_extract(self) -> OsmExtract | None:
        """Read the OpenStreetMap extract, if the roads come from one."""
        with self.defects.collect():
            path = self.find("roads")
            if path is not None and is_osm(path):
                return read_osm(path, describe_path(path, self.folder))
        return None

    def read_roads(self, area: StudyArea, extract: OsmExtract | None) -> Roads | None:
        """Read what people walk on; None if the case has no roads."""
        with self.defects.collect():
            path = self.find("roads")
            if path is None:
                return None
            label = describe_path(path, self.folder)
            notes: tuple[Text, ...] = ()
            licence, crs = None, WGS84
            if extract is not None:
                roads = make_roads_of_osm(extract, area.crs, self.datum("roads"))
                licence, notes = LICENCE, _note_losses(extract)
            elif path.suffix.lower() == ".graphml":
                roads = make_roads_of_graphml(path, label, area.crs, self.datum("roads"))
            else:
                layer = read_layer(path, label, kinds=LINES, datum=self.datum("roads"))
                roads = make_roads_of_lines(layer, area.crs, self.columns("roads"))
                crs = _say_crs(layer.crs)
            self.note("roads", path, len(roads.tail), crs=crs, licence=licence, notes=notes)
            return roads
        return None

    def read_buildings(self, area: StudyArea, extract: OsmExtract | None) -> Weights | None:
        """Read the buildings of their own file, or else those of the OpenStreetMap extract."""
        with self.defects.collect():
            path = self.find("buildings")
            if path is not None:
                label = describe_path(path, self.folder)
                layer = read_layer(path, label, kinds=POLYGONS, datum=self.datum("buildings"))
                weights = make_weights_of_layer(layer, self.columns("buildings"), area.crs)
                self.note("buildings", path, len(weights.x), crs=_say_crs(layer.crs))
                return weights
            path = self.find("roads")
            if path is not None and extract is not None and len(extract.buildings):
                weights = make_weights_of_osm(extract, area.crs, self.datum("roads"))
                self.note("buildings", path, len(weights.x), crs=WGS84, licence=LICENCE)
                return weights
        return None

    def read_residents(self, area: StudyArea) -> Weights | None:
        """Read where people live, if a file says so."""
        with self.defects.collect():
            path = self.find("residents")
            if path is None:
                return None
            columns = self.columns("residents")
            layer = read_layer(
                path,
                describe_path(path, self.folder),
                kinds=POINTS | POLYGONS,
                datum=self.datum("residents"),
                columns=columns,
            )
            groups = sorted({group for s in area.subdistricts for group in s.groups})
            weights = read_residents(layer, columns, area.crs, groups)
            self.note("residents", path, len(weights.x), crs=_say_crs(layer.crs))
            return weights
        return None

    def read_projects(self) -> dict[str, tuple[str, ...]]:
        """Read the ids of the projects filed for each subdistrict."""
        filed: dict[str, set[str]] = {}
        with self.defects.collect():
            path, label = self.find("projects"), self.name("projects")
            if path is None or label is None:
                return {}
            table = read_table(path, label)
            for row, values in table:
                code = parse_code(values.get("subdistrict"))
                project = parse_text(values.get("project_id"))
                if code is None or project is None:
                    listed = ", ".join(PROJECT_COLUMNS)
                    problem = Text(f"缺少 {listed}", f"lacks {listed}")
                    remedy = Text("请补全", "Fill them in")
                    self.defects.append(Defect(label, problem, remedy, feature=row))
                else:
                    filed.setdefault(code, set()).add(project)
            self.note("projects", path, len(table))
        return {code: tuple(sorted(projects)) for code, projects in filed.items()}

    def read_sites(self, area: StudyArea) -> tuple[Sites, tuple[Refused, ...]]:
        """Read every proposals file; one that cannot be used is refused by itself."""
        refused: list[Refused] = []
        read: list[tuple[Path, str, Proposal]] = []
        for path in self._find_proposals():
            label = describe_path(path, self.folder)
            try:
                layer = read_layer(
                    path, label, kinds=POINTS | POLYGONS, datum=self.datum("proposals")
                )
                read.append((path, label, read_proposal(layer, self.columns("proposals"), area)))
                crs = _say_crs(layer.crs)
                self.note("proposals", path, len(layer.rows), crs=crs)
            except InputError as error:
                refused.append(Refused(label, error.defects))
        sites, notes, doubled = gather_sites([proposal for _, _, proposal in read])
        for (_, label, _), remarks, defects in zip(read, notes, doubled, strict=True):
            if defects:
                refused.append(Refused(label, tuple(defects)))
                self.sources = [source for source in self.sources if source.path != label]
            else:
                self._add_notes(label, remarks)
        return sites, tuple(sorted(refused, key=lambda entry: entry.path))

    def make_backdrop(self, area: StudyArea, extract: OsmExtract | None) -> Backdrop:
        """Return what only maps need."""
        if extract is None:
            return Backdrop(np.empty(0, dtype=object))
        place, datum = make_projection(WGS84, area.crs), self.datum("roads")

        def move(lon: Metres, lat: Metres) -> tuple[Metres, Metres]:
            return place(*to_wgs84(lon, lat, datum))

        return Backdrop(project_geometry(extract.water, move))

    def _find_proposals(self) -> list[Path]:
        with self.defects.collect():
            return self.find_all("proposals")
        self.defects.raise_errors()
        return []

    def _add_notes(self, label: str, notes: tuple[Text, ...]) -> None:
        self.sources = [
            replace(source, notes=notes) if source.path == label else source
            for source in self.sources
        ]


def _list_files(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    """Return the visible files of a folder that are wanted, in order of name."""
    if not folder.is_dir():
        return []
    files: Iterable[Path] = (path for path in folder.iterdir() if path.is_file())
    return sorted(path for path in files if not path.name.startswith(".") and wanted(path))


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
