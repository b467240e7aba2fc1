"""The money of a layout plan: what was filed for each centre, and what pilots are granted."""

from dataclasses import dataclass

from siteplan.errors import Text
from siteplan.model import (
    Evaluation,
    GrantTable,
    Pilot,
    Project,
    Split,
    Subdistrict,
    add_up_grants,
    find_pilots,
    find_split,
)
from siteplan.outputs.layout.sheets import CODE, DISTRICT, NAME, Column, Row, Sheet, put_together
from siteplan.schema import find_field

FILED = Text("项目申报", "filed project")
LISTED = Text("试点名单", "list of pilots")
BASES = (FILED, LISTED)
"""Where an amount stands; the two are never added to each other."""
MONEY = ("grant_wan", "city_wan", "district_wan")
COLUMNS = (
    Column("basis", Text("依据", "Basis"), "text", 24),
    CODE,
    NAME,
    DISTRICT,
    Column("project_id", Text("项目编号", "Project"), "code", 16),
    Column("mode", Text("运作模式", "Mode"), "text", 36),
    Column("operator", Text("运营机构", "Operator"), "text", 22),
    Column("submitted", Text("申报", "Submitted"), "date", 12),
    Column("district_reviewed", Text("区审核", "District review"), "date", 12),
    Column("city_approved", Text("市审定", "City approval"), "date", 12),
    Column("tendered", Text("招投标", "Tendered"), "date", 12),
    Column("grant_wan", Text("补助（万元）", "Grant (10,000 yuan)"), "money", 13),
    Column("city_wan", Text("市级（万元）", "City (10,000 yuan)"), "money", 13),
    Column("district_wan", Text("区级（万元）", "District (10,000 yuan)"), "money", 13),
    Column("split", Text("市区比例", "City to district"), "text", 10),
)


@dataclass(frozen=True, slots=True)
class Funding:
    """The sheet of funds, and what stands beneath it.

    Attributes
    ----------
    sheet
        A row for each project, then one for each pilot.
    grants
        Of the pilots in the sheet: their fee, and how many have no full split.
    """

    sheet: Sheet
    grants: GrantTable


def list_funding(evaluation: Evaluation) -> Funding:
    """Return the projects of the judged subdistricts, and the pilots that these were or hold."""
    case = evaluation.case
    judged = [judgement.subdistrict for judgement in evaluation.judgements]
    rows: list[Row] = [
        _describe_project(project, subdistrict)
        for subdistrict in judged
        for project in case.projects.get(subdistrict.code, ())
    ]
    pilots = {
        pilot.code: pilot
        for subdistrict in judged
        for pilot in find_pilots(subdistrict.code, case.standard.pilots.values(), case.succession)
    }
    listed = [pilots[code] for code in sorted(pilots)]
    rows += [_describe_pilot(pilot) for pilot in listed]
    grants = add_up_grants(
        [(pilot.district, pilot) for pilot in listed], case.standard.number("evaluation_fee")
    )
    return Funding(Sheet(Text("经费", "funding"), COLUMNS, tuple(rows), frozen=3), grants)


def _describe_project(project: Project, subdistrict: Subdistrict) -> Row:
    steps = ("submitted", "district_reviewed", "city_approved", "tendered")
    return {
        "basis": put_together(FILED),
        "code": project.subdistrict,
        "name": subdistrict.name,
        "district": subdistrict.district,
        "project_id": project.project_id,
        "operator": project.operator,
        **{step: getattr(project, step) for step in steps},
        **_describe_money(project),
    }


def _describe_pilot(pilot: Pilot) -> Row:
    return {
        "basis": put_together(LISTED),
        "code": pilot.code,
        "name": pilot.name,
        "district": pilot.district,
        **_describe_money(pilot),
    }


def _describe_money(granted: Project | Pilot) -> dict[str, object]:
    split: Split | None = find_split(granted)
    modes = {choice.value: put_together(choice.label) for choice in find_field("mode").choices}
    return {
        **{name: getattr(granted, name) for name in MONEY},
        "split": split.ratio if split else None,
        "mode": modes.get(granted.mode or 0),
    }
