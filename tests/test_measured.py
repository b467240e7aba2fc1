"""Labels of what was measured along straight lines: none is forgotten when a label is renamed."""

from pathlib import Path

import siteplan
from siteplan.outputs.measured import STRAIGHT

OUTPUTS = Path(siteplan.__file__).parent / "outputs"


def test_each_label_that_is_told_anew_is_one_that_some_output_writes() -> None:
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in OUTPUTS.rglob("*.py")
        if path.name != "measured.py"
    )
    assert [label for label in STRAIGHT if f'"{label}"' not in written] == []


def test_no_label_told_anew_speaks_of_walks() -> None:
    for label in STRAIGHT.values():
        assert "步行" not in label.zh
        assert "walk" not in label.en.lower()
        assert "on foot" not in label.en.lower()
