"""Plates on A3: what they say, how large they are, and that their scale is true on paper."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import shapely
import typst
from paper import (
    HOSTILE,
    MM_PER_INCH,
    find_ink,
    find_runs,
    open_pdf,
    read_words,
    require_font,
    squeeze,
)
from PIL import Image
from small import make_area, make_case, make_site, make_sites, make_subdistrict
from town import EAST, SIDE_M, WEST, write_town

from siteplan.errors import InputError, Text
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Backdrop, Evaluation
from siteplan.outputs.layout import typesetting
from siteplan.outputs.layout.legend import list_entries, list_overview_entries
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.pictures import Printed, let_stand
from siteplan.outputs.layout.plate_maps import (
    MAP_MM,
    UNIT_MM,
    Inset,
    draw_plate_map,
    draw_plate_overview,
)
from siteplan.outputs.layout.plates import lay_out, list_plates, write_plates
from siteplan.outputs.layout.typesetting import (
    FONT_FAMILIES,
    find_font,
    make_press,
    prepare,
    tidy_text,
)

LANGUAGES: tuple[Printed, ...] = ("zh", "en")
A3_POINTS = (1190.55, 841.89)
A3_PIXELS = (4961, 3508)  # 420 mm × 297 mm at 300 dots per inch, whole pixels
MAP_LEFT_MM, MAP_TOP_MM = 25 + 3.5, 5 + 3.5 + 15 + 3  # frame, its inset, title
PIXELS_PER_MM = 300 / MM_PER_INCH
AGAIN = """
import sys
from pathlib import Path
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.outputs.layout.plates import write_plates
from siteplan.outputs.layout.quality import write_quality_pdf
from siteplan.outputs.layout.report_pdf import write_report_pdf
case, out = map(Path, sys.argv[1:])
found = evaluate(read_case(case))
out.mkdir()
write_plates(found, out, None, lambda _: None)
(out / "report.pdf").write_bytes(write_report_pdf(found, None))
(out / "quality.pdf").write_bytes(write_quality_pdf(found, None))
"""


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    require_font()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(write_town(tmp_path_factory.mktemp("town"))))


@pytest.fixture(scope="module")
def told() -> list[str]:
    return []


@pytest.fixture(scope="module")
def plates(
    town: Evaluation, told: list[str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("plates")
    names = write_plates(town, folder, None, lambda text: told.append(text.en))
    assert sorted(names) == sorted(path.name for path in folder.iterdir())
    return {name: (folder / name).read_bytes() for name in names}


def print_one(evaluation: Evaluation, number: int, lang: Printed = "zh") -> bytes:
    """Print one plate of some: 1 is the overview."""
    plates = list_plates(evaluation)
    press, inset = make_press(evaluation.case, lang), Inset(evaluation)
    return lay_out(evaluation, plates[number - 1], len(plates), press, inset).write_pdf()


def test_there_is_an_overview_and_a_plate_for_each_subdistrict(
    plates: Mapping[str, bytes], told: list[str]
) -> None:
    assert list(plates) == [
        "01_overview.pdf", "01_overview.jpg", f"02_{WEST}.pdf", f"02_{WEST}.jpg",
        f"03_{EAST}.pdf", f"03_{EAST}.jpg",
    ]  # fmt: skip
    assert [line.split(":")[0] for line in told] == [f"plate {n} of 3" for n in (1, 2, 3)]


def test_every_plate_is_one_page_of_a3(plates: Mapping[str, bytes]) -> None:
    for name, content in plates.items():
        if name.endswith(".pdf"):
            (page,) = open_pdf(content).pages
            size = float(page.mediabox.width), float(page.mediabox.height)
            assert size == pytest.approx(A3_POINTS, abs=0.01), name


def test_every_image_has_300_dots_per_inch_of_a3(plates: Mapping[str, bytes]) -> None:
    for name, content in plates.items():
        if name.endswith(".jpg"):
            with Image.open(io.BytesIO(content)) as image:
                image.load()
                assert image.format == "JPEG"
                assert image.mode == "RGB"
                assert image.size == A3_PIXELS, name
                assert image.info["dpi"] == (300, 300)


def test_a_plate_says_names_and_figures(plates: Mapping[str, bytes], town: Evaluation) -> None:
    words = read_words(plates[f"02_{WEST}.pdf"])
    (west,) = (one for one in town.judgements if one.subdistrict.code == WEST)
    for shown in (
        "小镇", "西街道社区综合服务中心布局图", WEST, "演示区", "西一", "西二", "备选", "600 人",
        f"{west.coverage.coverage_ratio:.1%}", f"{west.coverage.mean_distance_m:,.0f} 米",
        "02 / 03", "2010-07-01", "审图号", "编制单位", "图名", "图号", "比例", "EPSG:4547",
        "CGCS2000", "布置方式", "分散布置", "Covered on foot", "town.geojson",
    ):  # fmt: skip
        assert squeeze(shown.replace("02 / 03", "02 / 3")) in words, shown
    found = [one for one in town.findings if one.subject in {WEST, "w1", "w2"}]
    worst = min(found, key=lambda one: (one.severity != "violation", one.code))
    assert squeeze(worst.message.zh) in words


def test_the_overview_says_every_subdistrict(plates: Mapping[str, bytes], town: Evaluation) -> None:
    words = read_words(plates["01_overview.pdf"])
    for one in town.judgements:
        row = f"{one.subdistrict.name}{one.subdistrict.population:,.0f}"
        assert squeeze(f"{row}{one.coverage.coverage_ratio:.1%}{len(one.sites)}") in words


def test_a_plate_in_one_language_has_no_label_of_the_other(town: Evaluation) -> None:
    chinese, english = (read_words(print_one(town, 2, lang)) for lang in LANGUAGES)
    assert "图例" in chinese
    assert "Legend" not in chinese
    assert "Legend" in english
    assert not {"图例", "审图号", "覆盖", "：", "；", "。"} & set(
        re.findall("图例|审图号|覆盖|[：；。]", english)
    )


def read_scale(pdf: bytes) -> int:
    (denominator,) = set(re.findall(r"1:(\d+ \d{3})\b", open_pdf(pdf).pages[0].extract_text()))
    return int(denominator.replace(" ", ""))


def test_a_kilometre_is_as_long_on_paper_as_the_scale_says(plates: Mapping[str, bytes]) -> None:
    ink = find_ink(plates[f"03_{EAST}.jpg"])
    row = ink[round((MAP_TOP_MM + 0.37 * MAP_MM[1]) * PIXELS_PER_MM)].copy()
    row[round((MAP_LEFT_MM + MAP_MM[0] - 2) * PIXELS_PER_MM) :] = False
    row[: round((MAP_LEFT_MM + 2) * PIXELS_PER_MM)] = False
    edges = [(start + end) / 2 for start, end in find_runs(row, 9)]  # the border is 1.05 mm wide
    length_mm = (max(edges) - min(edges)) / PIXELS_PER_MM
    scale = read_scale(plates[f"03_{EAST}.pdf"])
    assert length_mm == pytest.approx(SIDE_M * 1000 / scale, abs=2 * UNIT_MM)
    assert length_mm > MAP_MM[1] / 2  # the map fills its frame


def test_the_scale_bar_is_as_long_as_it_says(plates: Mapping[str, bytes]) -> None:
    for name in (f"02_{WEST}", "01_overview"):
        text = open_pdf(plates[f"{name}.pdf"]).pages[0].extract_text()
        (figure, unit) = re.findall(r"^0 (\d+) (m|km)$", text, re.MULTILINE)[0]
        metres = int(figure) * (1000 if unit == "km" else 1)
        middle = MAP_TOP_MM + MAP_MM[1] - (34 + 5) * UNIT_MM
        row = find_ink(plates[f"{name}.jpg"])[round(middle * PIXELS_PER_MM)]
        start = round((MAP_LEFT_MM + 20 * UNIT_MM) * PIXELS_PER_MM)
        dark = find_runs(row[start : start + 1000], 40)[0]
        half_mm = (dark[1] - dark[0]) / PIXELS_PER_MM
        scale = read_scale(plates[f"{name}.pdf"])
        assert half_mm == pytest.approx(metres * 1000 / scale / 2, abs=2 * UNIT_MM)


def test_the_same_case_gives_the_same_bytes_in_any_zone_and_on_any_day(tmp_path: Path) -> None:
    case = write_town(tmp_path / "case")
    runs = []
    for number, surroundings in enumerate(
        ({"TZ": "UTC"}, {"TZ": "Asia/Shanghai", "SOURCE_DATE_EPOCH": "1700000000"})
    ):
        out = tmp_path / str(number)
        environment = {**os.environ, **surroundings}
        command = [sys.executable, "-c", AGAIN, str(case), str(out)]
        subprocess.run(command, check=True, env=environment)
        runs.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert len(runs[0]) == 8
    assert runs[0] == runs[1]


def test_files_are_as_old_as_the_day_judged_for_and_never_as_today(
    town: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_file_time(town.case) == datetime(2010, 7, 1, tzinfo=UTC)
    undated = replace(town.case, date=None)
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert find_file_time(undated) == datetime(1980, 1, 1, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert find_file_time(undated) == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(InputError, match="yesterday"):
        find_file_time(undated)


def test_without_a_day_no_text_names_one(town: Evaluation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    pdf = print_one(replace(town, case=replace(town.case, date=None)), 3)
    assert "1980" not in read_words(pdf)
    assert "CreationDate" not in str(open_pdf(pdf).metadata)


def test_hostile_names_are_shown_as_typed() -> None:
    assert len(HOSTILE) == len(set(HOSTILE)) == 50
    for at in range(0, len(HOSTILE), 10):
        names = HOSTILE[at : at + 10]
        whole = make_subdistrict("A", (0, 0, 1000, 1000), name=names[0], district=names[1])
        sites = [
            make_site(str(i), 400 + 100 * i, 500, name=name, role="branch")
            for i, name in enumerate(names[3:6])
        ]
        case = make_case(make_area(whole), make_sites(*sites), name=names[2])
        words = read_words(print_one(evaluate(case), 2))
        for name in names[:3]:
            assert squeeze(tidy_text(name)) in words, name
        assert any(squeeze(tidy_text(name)) in words for name in names[3:6])


def test_hostile_names_are_listed_as_typed_on_the_overview() -> None:
    boxes = [
        make_subdistrict(f"{i:02}", (1000 * i, 0, 1000 * i + 1000, 1000), name=name)
        for i, name in enumerate(HOSTILE)
    ]
    for part in (boxes[:25], boxes[25:]):
        words = read_words(print_one(evaluate(make_case(make_area(*part))), 1))
        for one in part:
            assert squeeze(f"{tidy_text(one.name)}100") in words, one.name


def test_names_too_long_for_a_plate_are_shortened() -> None:
    long = "很长的名字" * 2000
    subdistrict = make_subdistrict("A", name=long, district=long)
    case = make_case(make_area(subdistrict), make_sites(make_site(name=long)), name=long)
    pdf = print_one(evaluate(case), 2)
    assert len(open_pdf(pdf).pages) == 1


def test_a_subdistrict_without_a_centre_has_a_plate() -> None:
    area = make_area(make_subdistrict("A"), make_subdistrict("B", (1000, 0, 2000, 1000)))
    words = read_words(print_one(evaluate(make_case(area)), 2))
    assert "无中心" in words
    assert "分站点" not in words  # nothing stands in a legend that is not on its map


def list_legends(evaluation: Evaluation) -> dict[str, list[str]]:
    """List what the legend of each subdistrict says, by its code."""
    press = make_press(evaluation.case, "zh")
    return {
        one.subdistrict.code: [
            entry.text.zh
            for entry in list_entries(evaluation, one, draw_plate_map(evaluation, one, press))
        ]
        for one in evaluation.judgements
    }


def test_the_legend_names_what_is_on_the_map_and_nothing_else(town: Evaluation) -> None:
    names = list_legends(town)
    assert {"拟建分站点", "备选场地", "拟建场地服务范围", "支路"} <= set(names[WEST])
    assert "拟建单一场地" in names[EAST]
    assert not {"备选场地", "现有场地服务范围", "水域", "绿地", "铁路、轨道交通"} & set(names[EAST])
    drawn = draw_plate_overview(town, make_press(town.case, "zh"))
    overview = [entry.text.zh for entry in list_overview_entries(town, drawn)]
    assert "覆盖率 0–20%" in overview
    assert "备选场地" not in overview


def test_the_legend_explains_sites_of_others_also_where_there_is_none_of_its_own() -> None:
    area = make_area(make_subdistrict("A"), make_subdistrict("B", (1000, 0, 2000, 1000)))
    site = make_site("e", 1010, 500, subdistrict="B", role="branch")
    names = list_legends(evaluate(make_case(area, make_sites(site))))
    assert {"拟建分站点", "其他街道场地"} <= set(names["A"])
    assert "其他街道场地" not in names["B"]
    assert "拟建场地服务范围" not in names["A"]


def test_the_legend_leaves_out_ground_that_lies_elsewhere() -> None:
    area = make_area(make_subdistrict("A"), make_subdistrict("B", (90_000, 0, 91_000, 1000)))
    ground = np.array([shapely.box(90_100, 100, 90_900, 900)], dtype=object)
    backdrop = Backdrop(ground, np.empty(0, dtype=object), green=ground)
    names = list_legends(evaluate(make_case(area, backdrop=backdrop)))
    assert {"水域", "绿地"} <= set(names["B"])
    assert not {"水域", "绿地", "其他街道界"} & set(names["A"])


def test_the_legend_says_how_many_residents_a_dot_stands_for(town: Evaluation) -> None:
    assert any(
        re.fullmatch("未覆盖居民，每点至多 [0-9./]+ 人", name) for name in list_legends(town)[WEST]
    )


def test_an_inset_marks_where_a_subdistrict_lies(town: Evaluation) -> None:
    inset = Inset(town)
    west, east = (inset.sheet.trace([inset.outlines[code]]) for code in (WEST, EAST))
    assert west in inset.draw(WEST)
    assert inset.draw(WEST).count(west) + inset.draw(EAST).count(east) == 4  # ground and mark
    assert shapely.area(np.array(list(inset.outlines.values()))).min() > 0


def test_a_picture_keeps_one_language_and_the_font_asked_for() -> None:
    picture = let_stand("<svg viewBox='0 0 1 1'><g/></svg>", "en", "SimSun")
    assert "[lang=zh]{display:none}" in picture
    assert "font-family:'SimSun'" in picture
    assert 'xmlns="http://www.w3.org/2000/svg"' in picture


def test_without_a_chinese_font_it_says_how_to_get_one(
    town: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        typesetting,
        "load_fonts",
        lambda: typst.Fonts(include_system_fonts=False, include_embedded_fonts=True),
    )
    with pytest.raises(InputError) as caught:
        write_plates(town, tmp_path, "zh", lambda _: None)
    (defect,) = caught.value.defects
    for word in ("fonts-noto-cjk", "Windows", "macOS"):
        assert word in defect.remedy.zh
        assert word in defect.remedy.en
    assert not list(tmp_path.iterdir())


def test_the_best_font_there_is_is_taken() -> None:
    assert find_font(["Arial", *reversed(FONT_FAMILIES)]) == FONT_FAMILIES[0]
    assert find_font(["SimSun", "Arial"]) == "SimSun"


def test_only_what_can_be_shown_reaches_a_template() -> None:
    assert prepare({"a": [Text("一", "one"), "x\0", 1, None, True, 0.5]}) == {
        "a": [{"zh": "一", "en": "one"}, "x\ufffd", 1, None, True, 0.5]
    }
    for value in (float("nan"), object(), b"bytes"):
        with pytest.raises(TypeError):
            prepare([value])


def test_no_template_imports_a_package_or_reads_a_file() -> None:
    folder = Path(str(typesetting.TEMPLATES))
    templates = sorted(folder.glob("*.typ"))
    assert {one.name for one in templates} == {"common.typ", "document.typ", "plate.typ"}
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert not re.search(
            r"#?\b(import|include|read|eval|plugin|csv|yaml|toml|xml)\b *[(\"@]", text
        )
