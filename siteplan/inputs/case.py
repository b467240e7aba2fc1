"""A case is a directory: find its files, read each, and report all that is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from siteplan.errors import DefectList, InputError, Text
from siteplan.inputs.backdrop import make_backdrop_of_osm, make_bare_backdrop
from siteplan.inputs.osm_extract import OsmExtract
from siteplan.inputs.projects import read_succession
from siteplan.inputs.reader import CaseReader
from siteplan.inputs.settings import read_settings
from siteplan.inputs.vector import (
    POINTS,
    POLYGONS,
)
from siteplan.model import (
    Case,
    Roads,
    Standard,
    StudyArea,
)
from siteplan.standard import read_standard

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
    reader = CaseReader(folder, settings, [], DefectList())
    with reader.defects.collect():
        reading = (standard, Path()) if standard else (settings.standard, folder)
        chosen = read_standard(*reading)
    tell(Text("读取边界和人口", "reading boundaries and population"))
    area = reader.read_area()
    tell(Text("读取道路和建筑", "reading roads and buildings"))
    ways = reader.read_ways()
    footprints = reader.read_layer("buildings", POLYGONS)
    blocks = reader.read_layer("residents", POINTS | POLYGONS)
    services = reader.read_layer("facilities", POINTS | POLYGONS)
    boarding = reader.read_layer("stops", POINTS)
    reader.defects.raise_errors()
    if area is None:
        raise InputError(*reader.defects)  # it is None only where a defect says why
    roads = reader.make_roads(ways, area.crs)
    buildings = reader.make_buildings(footprints, ways, area.crs)
    residents = reader.make_residents(blocks, area)
    facilities = reader.make_facilities(services, ways, area.crs)
    stops = reader.make_stops(boarding, ways, area.crs)
    succession = read_succession()
    projects = reader.read_projects(area, succession)
    reviews = reader.read_reviews()
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
        backdrop=make_backdrop_of_osm(ways, area.crs)
        if isinstance(ways, OsmExtract)
        else make_bare_backdrop(),
        facilities=facilities,
        stops=stops,
        succession=succession,
        reviews=reviews,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What of a case a single file is checked against.

    Attributes
    ----------
    area
        Its subdistricts.
    standard
        What it is judged by.
    owners
        File name of each site id that is taken.
    roads
        None where the case has none, or none were asked for.
    boundaries
        Files of its own boundaries.
    """

    area: StudyArea
    standard: Standard
    owners: Mapping[str, str]
    roads: Roads | None
    boundaries: tuple[Path, ...]


def read_place(folder: Path, *, roads: bool = False) -> Place:
    """Read of a case what a single file is checked against.

    Raises
    ------
    InputError
        If settings, standard, boundaries, population or roads cannot be used.
    """
    settings = read_settings(folder)
    reader = CaseReader(folder, settings, [], DefectList())
    standard = read_standard(settings.standard, folder)
    area = reader.read_area()
    ways = reader.read_ways() if roads else None
    reader.defects.raise_errors()
    if area is None:
        raise InputError(*reader.defects)  # it is None only where a defect says why
    sites, _ = reader.read_sites(area)
    owners = {site.id: PurePath(site.path).name for site in sites.records}
    own = tuple(reader.find_all("boundaries"))
    return Place(area, standard, owners, reader.make_roads(ways, area.crs), own)
