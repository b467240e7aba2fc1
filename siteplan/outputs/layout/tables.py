"""The workbook of a layout plan, `tables.xlsx`: what planners sort, add up and print.

Texts from files are written as text, whatever they begin with; the only formulas are ours, and each
carries its value. The same evaluation gives the same bytes.
"""

import io
import math

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from siteplan.errors import Text
from siteplan.model import Evaluation
from siteplan.outputs.layout.drawing import choose_drawing_target
from siteplan.outputs.layout.finding_sheets import (
    list_findings,
    list_gaps,
    list_links,
    list_sources,
)
from siteplan.outputs.layout.funding import BASES, LISTED, MONEY, Funding, list_funding
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.sheets import Sheet, list_sites, list_subdistricts, put_together
from siteplan.outputs.layout.summary_sheet import TITLE, Digest, write_summary
from siteplan.outputs.layout.words import entitle
from siteplan.outputs.layout.workbook import (
    FORMATS,
    TOTAL,
    TOTAL_COLOUR,
    Book,
    clean_cell,
    list_numbers,
    write_sheet,
)

MOST_CASE = 80
SUMMARY = Text("汇总", "summary")
FEE = Text("评估费（按名单补助）", "Fee of the evaluations, of the listed grants")
WITHOUT = Text("补助或分担未填全的试点", "Pilots without a full split")


def write_tables(evaluation: Evaluation, crs: str | None = None) -> bytes:
    """Return `tables.xlsx`: a summary, and a sheet for each kind of thing that was found out.

    Parameters
    ----------
    evaluation
        What to write down; the sheets hold what was judged.
    crs
        As `choose_drawing_target` takes it: places stand in metres.

    Raises
    ------
    CrsError
        As `choose_target`.
    """
    target = choose_drawing_target(crs, evaluation.case.area)
    content = io.BytesIO()
    book = Book(
        Workbook(
            content,
            {
                "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        ),
        case=clean_cell(evaluation.case.name)[:MOST_CASE],
    )
    title = put_together(entitle(TITLE, evaluation))
    book.workbook.set_properties(
        {
            "title": " · ".join(filter(None, [book.case, title])),
            "author": "siteplan",
            "created": find_file_time(evaluation.case),
        }
    )
    summary = book.add_sheet(SUMMARY)
    subdistricts, findings = list_subdistricts(evaluation), list_findings(evaluation)
    funding = list_funding(evaluation)
    sites = list_sites(evaluation, target)
    for sheet in (subdistricts, sites, findings):
        write_sheet(book, sheet)
    for sheet in (list_links(evaluation), list_gaps(evaluation, target)):
        write_sheet(book, sheet)
    _write_funding(book, funding)
    write_sheet(book, list_sources(evaluation))
    write_summary(book, summary, Digest(evaluation, target, subdistricts, sites, findings))
    summary.activate()
    book.workbook.close()
    return content.getvalue()


def _write_funding(book: Book, funding: Funding) -> None:
    """Write the sheet of funds; each basis has a total of its own, and the fee stands apart."""
    sheet = funding.sheet
    page = write_sheet(book, sheet)
    places = {column.key: position for position, column in enumerate(sheet.columns)}
    money = [column for column in sheet.columns if column.key in MONEY]
    strong: dict[str, object] = {"bold": True, "bg_color": TOTAL_COLOUR}
    word = book.shape(**strong, num_format="@")
    sums = book.shape(**strong, num_format=FORMATS["money"][0])
    last = len(sheet.rows)
    below, grants = last + 1, places["grant_wan"]

    def begin(told: str) -> None:
        for position in range(len(sheet.columns)):
            page.write_blank(below, position, None, word)
        page.write_string(below, 0, told, word)

    for basis in BASES:
        name = put_together(basis)
        part = Sheet(sheet.title, sheet.columns, tuple(r for r in sheet.rows if r["basis"] == name))
        if not part.rows:
            continue
        begin(f"{put_together(TOTAL)}: {name}")
        criteria = xl_range_abs(1, places["basis"], last, places["basis"])
        for column in money:
            position = places[column.key]
            formula = f'=SUMIF({criteria},"{name}",{xl_range(1, position, last, position)})'
            value = math.fsum(list_numbers(part, column))
            page.write_formula(below, position, formula, sums, value)
        below += 1
        ratio = funding.grants.fee_ratio
        if basis is LISTED and ratio is not None:
            begin(f"{put_together(FEE)} × {ratio:g}")
            granted = math.fsum(list_numbers(part, money[0]))
            formula = f"=ROUND({xl_rowcol_to_cell(below - 1, grants)}*{ratio!r},2)"
            page.write_formula(below, grants, formula, sums, round(granted * ratio, 2))
            page.write_string(below + 1, 0, put_together(funding.grants.fee_note), book.shape())
            below += 2
    if funding.grants.without:
        begin(put_together(WITHOUT))
        page.write_number(below, grants, funding.grants.without, book.shape(num_format="#,##0"))
