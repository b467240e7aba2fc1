"""The maps on a plate: pictures that stand by themselves."""

import shapely

from siteplan.errors import Text
from siteplan.model import Evaluation, Judgement
from siteplan.outputs.layout.pictures import SVG, Picture, let_stand
from siteplan.outputs.layout.typesetting import Press
from siteplan.outputs.paper.ground import GROUND, QUIET
from siteplan.outputs.paper.overview_map import draw_overview
from siteplan.outputs.paper.subdistrict_map import DrawnMap, draw_subdistrict
from siteplan.outputs.paper.svg import Paper, draw, draw_picture, fit_sheet
from siteplan.outputs.paper.symbols import DOT_COLOUR

UNIT_MM = 0.15
"""The least letters of a map are 20 units: 3 mm, the smallest that a drawing should have."""
MAP_MM = (276.0, 262.0)
PLATE = Paper(MAP_MM[0] / UNIT_MM, MAP_MM[1] / UNIT_MM, UNIT_MM)
MOST_VERTICES = 40_000
"""Of the backdrop of a plate, simplified to what can be seen at its scale."""
INSET = Paper(380.0, 330.0)
INSET_DETAIL, INSET_MARGIN = 2.0, 8.0
INSET_SCALES = (1000,)
"""Any whole multiple of it: nobody measures on an inset."""


def draw_plate_overview(evaluation: Evaluation, press: Press) -> DrawnMap:
    """Return the map of all judged subdistricts."""
    anchors = {one.subdistrict.code: "" for one in evaluation.judgements}
    drawn = draw_overview(evaluation, anchors, paper=PLATE, whole=True, most_vertices=MOST_VERTICES)
    return drawn._replace(picture=let_stand(drawn.picture, press.lang, press.font))


def draw_plate_map(evaluation: Evaluation, judgement: Judgement, press: Press) -> DrawnMap:
    """Return the map of one subdistrict."""
    drawn = draw_subdistrict(evaluation, judgement, "map", paper=PLATE, most_vertices=MOST_VERTICES)
    return drawn._replace(picture=let_stand(drawn.picture, press.lang, press.font))


class Inset:
    """Where each subdistrict lies in its case; the outlines are simplified once."""

    def __init__(self, evaluation: Evaluation) -> None:
        area = evaluation.case.area
        west, south, east, north = shapely.total_bounds(area.geometry).tolist()
        bounds = (west, south, east, north)
        self.sheet, _ = fit_sheet(bounds, INSET, INSET_SCALES, INSET_MARGIN)
        self.outlines = dict(
            zip(
                area.codes,
                shapely.coverage_simplify(area.geometry, INSET_DETAIL / self.sheet.units_per_m),
                strict=True,
            )
        )
        self.ground = self.sheet.trace(self.outlines.values())

    def draw(self, code: str) -> Picture:
        """Return the case with one subdistrict marked."""
        picture = draw_picture(
            self.sheet.width,
            self.sheet.height,
            draw("path", d=self.ground, fill=GROUND, stroke=QUIET, stroke_width=2),
            draw(
                "path", d=self.sheet.trace([self.outlines[code]]), fill=DOT_COLOUR,
                fill_opacity=0.55, stroke=DOT_COLOUR, stroke_width=5, stroke_linejoin="round",
            ),
            label=Text("在规划范围中的位置", "Where it lies"),
            kind="inset",
        )  # fmt: skip
        return picture.replace("<svg", SVG, 1)
