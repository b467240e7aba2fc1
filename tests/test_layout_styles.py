"""What QGIS writes beside features: its own expressions, tried by QGIS itself where it is there."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from siteplan.outputs.layout.styles import LARGE_GAP, list_styles, write_label
from siteplan.outputs.paper.subdistrict_map import MOST_GAPS

QGIS_PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else shutil.which("python3")
EVALUATE = """
import json, sys
from qgis.core import (
    QgsApplication, QgsExpression, QgsExpressionContext, QgsFeature, QgsField, QgsFields,
)
app = QgsApplication([], False)
app.initQgis()
told = []
for text, values in json.load(sys.stdin):
    fields = QgsFields()
    for name in values:
        fields.append(QgsField(name))
    feature = QgsFeature(fields)
    feature.setAttributes(list(values.values()))
    context = QgsExpressionContext()
    context.setFields(fields)
    context.setFeature(feature)
    expression = QgsExpression(text)
    told.append(expression.evaluate(context))
    assert not expression.hasEvalError() and not expression.hasParserError(), text
print(json.dumps(told))
"""


def label_in_qgis(asked: list[tuple[str, dict[str, object]]], home: Path) -> list[str]:
    """Return what labels of layers say of features."""
    command = [str(QGIS_PYTHON), "-c"]
    environment = {"QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "LANG": "C.UTF-8"}
    known = subprocess.run([*command, "import qgis.core"], capture_output=True, check=False)
    if QGIS_PYTHON is None or known.returncode:
        pytest.skip("no QGIS (Debian: python3-qgis)")
    texts = {name: style.label.text for name, style in list_styles().items() if style.label}
    done = subprocess.run(
        [*command, EVALUATE], input=json.dumps([(texts[name], one) for name, one in asked]),
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    told: list[str] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_only_gaps_that_plates_number_and_where_somebody_lives_have_a_label(tmp_path: Path) -> None:
    label = list_styles()["gaps"].label
    assert label is not None
    assert LARGE_GAP in label.text
    told = label_in_qgis(
        [
            ("gaps", {"number": number, "population": people})
            for number, people in ((1, 1234.4), (MOST_GAPS, 1.0), (MOST_GAPS + 1, 900), (2, 0.4))
        ],
        tmp_path,
    )
    assert told == ["1,234 人", "1 人", "", ""]


def test_long_names_in_chinese_are_broken_and_none_loses_a_letter(tmp_path: Path) -> None:
    names = ["黄村街道社区综合服务中心(总部)", "员村街道", "Zentrum für Gemeinwesen", "甲" * 24]
    told = label_in_qgis([("sites", {"name": name}) for name in names], tmp_path)
    assert told == [
        "黄村街道社区综合服务中心\n(总部)", "员村街道", "Zentrum für Gemeinwesen",
        f"{'甲' * 12}\n{'甲' * 12}",
    ]  # fmt: skip


def test_qgis_breaks_lines_at_spaces_and_covers_no_label_by_another() -> None:
    for style in list_styles().values():
        if style.label is not None:
            settings = write_label(style.label)
            (text,) = settings.iter("text-format")
            assert int(text.get("autoWrapLength", "0")) > 0
            (rendering,) = settings.iter("rendering")
            assert rendering.get("displayAll") == "0"
