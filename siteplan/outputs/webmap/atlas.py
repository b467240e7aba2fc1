"""The pages of a map together: what they are called, and what each of them is cut from."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote

from siteplan.files import name_safely
from siteplan.model import Evaluation, Judgement, Site
from siteplan.outputs.backdrop import Degrees
from siteplan.outputs.results import to_document
from siteplan.outputs.webmap.basemap import Basemap

OVERVIEW = "index.html"
CLOSE_UPS = "subdistricts"
Document = dict[str, object]


@dataclass(frozen=True, eq=False)
class Atlas:
    """An evaluation, and what all of its pages are made from.

    Attributes
    ----------
    evaluation
        What to show.
    basemap
        Tiles that the pages ask a host for; None asks nobody.
    """

    evaluation: Evaluation
    basemap: Basemap | None = None

    @cached_property
    def degrees(self) -> Degrees:
        """Takes geometry to longitude and latitude."""
        return Degrees(self.evaluation.case.area.crs)

    @cached_property
    def document(self) -> Document:
        """The figures as `evaluation.json` has them."""
        return to_document(self.evaluation)

    @cached_property
    def pages(self) -> dict[str, str]:
        """Name of the page of each judged subdistrict, by code."""
        return name_pages([one.subdistrict.code for one in self.evaluation.judgements])

    @cached_property
    def sites(self) -> dict[str, Site]:
        """Sites of the judged subdistricts, by id."""
        return {site.id: site for site in self.evaluation.case.sites.records}

    def list_parts(self, name: str) -> list[Document]:
        """Return one list of the document: its sites, its findings, …."""
        part = self.document[name]
        return part if isinstance(part, list) else []

    def link(self, code: str) -> str | None:
        """Return the address of a subdistrict's page from one beside it; None if it has none."""
        return quote(self.pages[code]) if code in self.pages else None

    def list_findings(self, judgement: Judgement) -> list[Document]:
        """Return the findings of one subdistrict and of the sites that claim it."""
        code = judgement.subdistrict.code
        ids = {id_ for id_ in self.evaluation.worth if self.sites[id_].subdistrict == code}
        return [one for one in self.list_parts("findings") if one["subject"] in {code, *ids}]


def name_pages(codes: Sequence[str]) -> dict[str, str]:
    """Return file names for codes, different also where case is not told apart.

    Examples
    --------
    >>> name_pages(["440106012", "a", "A", "../a"])
    {'440106012': '440106012.html', 'a': 'a.html', 'A': 'A-2.html', '../a': '___a-61b4c98b.html'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for code in codes:
        stem = name = name_safely(code)
        number = 2
        while name.casefold() in taken:
            name, number = f"{stem}-{number}", number + 1
        taken.add(name.casefold())
        names[code] = f"{name}.html"
    return names
