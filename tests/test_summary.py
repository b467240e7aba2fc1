import unicodedata
from pathlib import Path

import pytest
import town

from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.summary import say_summary


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder: Path = tmp_path_factory.mktemp("town")
    return evaluate(read_case(town.write_town(folder)))


def test_the_table_has_a_line_for_each_subdistrict_and_the_totals(evaluation: Evaluation) -> None:
    lines = say_summary(evaluation, "en").splitlines()
    assert lines[2].split()[:3] == ["code", "subdistrict", "verdict"]
    assert lines[3].split()[:4] == [town.WEST, "西街道", "fail", "600"]
    assert lines[4].split()[:6] == [town.EAST, "东街道", "warn", "400", "99.2%", "100.0%"]
    assert lines[-1].startswith("2 subdistricts, 1,000 residents;")


def test_columns_are_aligned_though_chinese_is_two_cells_wide(evaluation: Evaluation) -> None:
    def cells_before(line: str, text: str) -> int:
        wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line[: line.index(text)])
        return line.index(text) + wide

    header, west, east = say_summary(evaluation, "zh").splitlines()[2:5]
    assert cells_before(west, "600") == cells_before(east, "400")
    assert (
        cells_before(west, "不通过") == cells_before(east, "提醒") == cells_before(header, "结论")
    )
