"""The text part of a layout plan, and how far its figures can be trusted."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from paper import HOSTILE, open_pdf, read_words, require_font, squeeze
from small import make_area, make_case, make_site, make_sites, make_subdistrict
from town import EAST, WEST, write_town

from siteplan.errors import Defect, Text
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Decision, Evaluation, Refused, Source
from siteplan.outputs.layout.quality import (
    describe_quality,
    find_balance,
    list_checks,
    write_quality_pdf,
)
from siteplan.outputs.layout.report_pdf import write_report_pdf
from siteplan.outputs.layout.typesetting import tidy_text
from siteplan.outputs.results import to_document
from siteplan.outputs.sentences import say_worth
from siteplan.outputs.thresholds import say_threshold

A4_POINTS = (595.28, 841.89)
NOTE = Text("合上了两处缝隙", "two gaps were closed")


@pytest.fixture(scope="module", autouse=True)
def _font() -> None:
    require_font()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(write_town(tmp_path_factory.mktemp("town"))))


@pytest.fixture(scope="module")
def report(town: Evaluation) -> bytes:
    return write_report_pdf(town, None)


@pytest.fixture(scope="module")
def words(report: bytes) -> str:
    return read_words(report)


def change_case(evaluation: Evaluation, **changes: Any) -> Evaluation:  # noqa: ANN401
    return replace(evaluation, case=replace(evaluation.case, **changes))


def find_states(evaluation: Evaluation) -> Mapping[str, str]:
    return {one.code: one.state for one in list_checks(evaluation)}


def test_the_report_is_a4_with_contents(report: bytes) -> None:
    pdf = open_pdf(report)
    for page in pdf.pages:
        size = float(page.mediabox.width), float(page.mediabox.height)
        assert size == pytest.approx(A4_POINTS, abs=0.01)
    contents = squeeze(pdf.pages[1].extract_text())
    for title in ("概况", "方法", "标准", "各街道", "西街道", "东街道", "资料来源", "可重复性"):
        assert title in contents, title


def test_the_report_tells_every_figure_of_the_standard_as_the_standard_is_shown(
    words: str, town: Evaluation
) -> None:
    for threshold in town.case.standard.thresholds.values():
        assert squeeze(say_threshold(threshold).zh) in words
    assert "≥85%" in words


def test_the_report_says_every_figure_of_the_summary(words: str, town: Evaluation) -> None:
    summary = town.summary
    for shown in (
        f"{summary.population:,.0f} 人", f"{summary.covered_population:,.0f} 人",
        f"{summary.coverage_ratio:.1%}", f"{summary.straight_line_coverage_ratio:.1%}",
    ):  # fmt: skip
        assert squeeze(shown) in words, shown


def test_the_report_has_every_finding_site_and_source(words: str, town: Evaluation) -> None:
    for finding in town.findings:
        assert squeeze(finding.message.zh) in words, finding
        assert squeeze(finding.message.en) in words, finding
    for site in town.case.sites.records:
        said = say_worth(site, town.worth[site.id], town.method)
        assert squeeze(said.zh) in words, site
        assert squeeze(said.en) in words, site
    for source in town.case.sources:
        assert source.path in words
        assert source.sha256 in words


def test_the_report_has_every_threshold_with_its_source(words: str, town: Evaluation) -> None:
    standard = town.case.standard
    for threshold in standard.thresholds.values():
        assert squeeze(standard.sources[threshold.source].zh) in words
        assert squeeze(threshold.clause or "—") in words
    for code, title in town.rule_titles.items():
        assert squeeze(f"{code}{title.zh}") in words


def test_a_report_in_one_language_is_in_that_language(town: Evaluation) -> None:
    chinese, english = (
        read_words(write_report_pdf(town, "zh")),
        read_words(write_report_pdf(town, "en")),
    )
    assert "审查意见" in chinese
    assert "Findings" not in chinese
    assert "Findings" in english
    assert "审查意见" not in english


def decide(site: str, subdistrict: str | None, hash_: str) -> Decision:
    day = datetime(2010, 8, 9, 23, 30, tzinfo=UTC)
    return Decision(site, subdistrict, "return", "请压缩面积", "审查员甲", day, hash_)


def test_decisions_are_told_without_who_made_them(town: Evaluation) -> None:
    sites = to_document(town)["sites"]
    assert isinstance(sites, list)
    now = {site["id"]: site["evaluation_sha256"] for site in sites}
    reviews = (
        decide("e1", EAST, now["e1"]), decide("gone", None, "0" * 64),
        decide("w1", WEST, "0" * 64),
    )  # fmt: skip
    words = read_words(write_report_pdf(change_case(town, reviews=reviews), "zh"))
    assert squeeze("东中心 e1 退回修改 2010-08-09 —") in words
    assert squeeze("西一 w1 退回修改 2010-08-09 评审已变") in words
    assert squeeze("gone 退回修改 2010-08-09 评审已变") in words
    assert "其他审查决定" in words
    assert "审查员甲" not in words
    assert "请压缩面积" not in words


def test_hostile_names_are_shown_as_typed_in_both_documents() -> None:
    boxes = [
        make_subdistrict(f"{i:02}", (1000 * i, 0, 1000 * i + 1000, 1000), name=name, district=name)
        for i, name in enumerate(HOSTILE)
    ]
    sites = [
        make_site(f"{i:02}", 1000 * i + 500, 500, name=name, subdistrict=f"{i:02}")
        for i, name in enumerate(HOSTILE)
    ]
    sources = [Source("roads", name, "0" * 64, 1, licence=name) for name in HOSTILE]
    case = make_case(make_area(*boxes), make_sites(*sites), sources=tuple(sources))
    found = evaluate(case)
    words = read_words(write_report_pdf(found, "zh"))
    about = read_words(write_quality_pdf(found, "en"))
    for i, name in enumerate(HOSTILE):
        typed = squeeze(tidy_text(name))
        assert f"{typed}{i:02}" in words, name  # the summary and the site
        assert words.count(typed) >= 5, name
        assert f"{typed}{'0' * 64}" in about, name


def test_the_day_of_a_decision_is_that_of_the_reviewers_clock(town: Evaluation) -> None:
    """It was still the day before in UTC."""
    clock = datetime.fromisoformat("2010-08-10T07:30:00+08:00")
    review = replace(decide("e1", EAST, "0" * 64), decided=clock)
    words = read_words(write_report_pdf(change_case(town, reviews=(review,)), "zh"))
    assert "退回修改2010-08-10" in words


def test_quality_names_what_was_read_mended_and_left_out(town: Evaluation) -> None:
    first, *rest = town.case.sources
    defect = Defect("bad.geojson", Text("坏了", "is broken"), Text("请重发", "Send it again"))
    mended = change_case(
        town,
        sources=(replace(first, notes=(NOTE,), datum="gcj02"), *rest),
        refused=(Refused("bad.geojson", (defect,)),),
    )
    document: Any = describe_quality(mended)
    json.dumps(document, allow_nan=False)
    assert document["format"] == "siteplan-quality/1"
    assert [one["sha256"] for one in document["sources"]] == [
        one.sha256 for one in town.case.sources
    ]
    assert document["sources"][0]["notes"] == [{"zh": NOTE.zh, "en": NOTE.en}]
    assert document["refused"][0]["path"] == "bad.geojson"
    states = find_states(mended)
    assert {name: states[name] for name in ("files", "refused", "datum", "mended")} == {
        "files": "pass", "refused": "warn", "datum": "warn", "mended": "warn",
    }  # fmt: skip
    assert set(find_states(town).values()) >= {"pass"}
    assert find_states(town)["mended"] == "pass"
    words = read_words(write_quality_pdf(mended, None))
    for shown in (NOTE.zh, NOTE.en, "bad.geojson", "is broken. Send it again.", "人口复算"):
        assert squeeze(shown) in words, shown


def test_every_rule_on_data_is_a_check_with_its_worst_verdict(town: Evaluation) -> None:
    states = find_states(town)
    on_data = [code for code in town.rule_titles if code.startswith("D")]
    assert on_data == [code for code in states if code.startswith("D")]
    order = ("fail", "unknown", "warn", "pass", "na")
    for code in on_data:
        found = {one.rules[code] for one in town.judgements}
        found |= {
            {"violation": "fail", "warning": "warn", "note": "unknown"}[one.severity]
            for one in town.findings
            if one.code == code and one.subject == "case"
        }
        assert states[code] == min(found, key=order.index)
    document: Any = describe_quality(town)
    assert {one["code"] for one in document["findings"]} == {
        one.code for one in town.findings if one.code.startswith("D")
    }


def test_residents_are_counted_again_and_a_loss_shows(town: Evaluation) -> None:
    assert find_balance(town).people == pytest.approx(0, abs=1e-6)
    drawing = town.drawing
    people = drawing.uncovered_population.copy()
    west = np.flatnonzero(drawing.uncovered_subdistrict == 0)
    people[west[0]] += 3
    lost = replace(town, drawing=replace(drawing, uncovered_population=people))
    assert find_balance(lost) == (pytest.approx(3, abs=1e-6), WEST)


def test_a_case_with_nothing_but_boundaries_has_both_documents(tmp_path: Path) -> None:
    case = read_case(write_town(tmp_path / "case", with_roads=False))
    found = evaluate(replace(case, sites=make_sites(), sources=(), date=None))
    assert "没有场地" in read_words(write_report_pdf(found, "zh"))
    words = read_words(write_quality_pdf(found, "zh"))
    assert squeeze("距离按直线计算") in words


def test_a_report_without_roads_tells_of_no_walk(town: Evaluation) -> None:
    straight = evaluate(town.case, distance="straight-line")
    words, walked = (read_words(write_report_pdf(one, "zh")) for one in (straight, town))
    for word in ("步行覆盖", "平均步行", "沿道路量算，包括", "步行连通"):
        assert word in walked
        assert word not in words
    assert "到总部的步行" not in words
    assert "平均直线距离" in words


def test_a_report_on_some_subdistricts_says_so_and_names_the_crs_of_the_layers(
    town: Evaluation,
) -> None:
    part = evaluate(town.case, subdistricts=[WEST])
    words = read_words(write_report_pdf(part, "zh", "EPSG:4526"))
    assert squeeze("布局规划说明（仅西街道）") in words
    assert "EPSG:4526" in words
    assert "EPSG:4547" in words
    assert squeeze("（仅") not in read_words(write_report_pdf(town, "zh"))


def test_no_cell_of_the_standard_prints_over_the_one_beside_it(town: Evaluation) -> None:
    pages = open_pdf(write_report_pdf(town, "en")).pages
    text = "\n".join(page.extract_text(extraction_mode="layout") for page in pages)
    assert re.search(r"assumed +suggested", text)
    assert "assumedsuggested" not in text
