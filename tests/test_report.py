"""The report for paper: what it says, in both languages, and that hostile text stays text."""

import base64
import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import Chromium, start_chromium
from test_charts import make_evaluation
from test_page import HOSTILE
from town import EAST, WEST, write_town

from siteplan.errors import Text
from siteplan.evaluate import evaluate
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation, Source
from siteplan.model.review import Decision, DecisionKind
from siteplan.outputs.page import read_contents
from siteplan.outputs.report import write_report
from siteplan.outputs.results import to_document
from siteplan.outputs.thresholds import say_threshold

VOID = {"input", "link", "meta", "br"}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(write_town(tmp_path_factory.mktemp("town"))))


@pytest.fixture(scope="module")
def html(town: Evaluation) -> str:
    return write_report(town, "zh").decode()


class Reader(HTMLParser):
    """Takes the report apart: tags in order, and the text of each language."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.classes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag, its id and where it leads."""
        values = dict(attrs)
        self.tags.append(tag)
        self.ids += [str(values["id"])] if "id" in values else []
        self.targets += [str(values["href"])] if "href" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a tag without content."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Hold an end against the last tag that is open."""
        assert self.open.pop() == tag


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def show(html: str) -> str:
    """Return the report as text without its markup."""
    body = re.sub(r"<(script|style).*?</\1>", "", html, flags=re.DOTALL)
    return re.sub(r"<[^>]*>", "\n", body)


def test_every_element_is_closed_and_every_link_leads_somewhere(html: str) -> None:
    reader = read(html)
    assert len(reader.ids) == len(set(reader.ids))
    targets = {target[1:] for target in reader.targets if target.startswith("#")}
    assert targets <= set(reader.ids)
    assert {target for target in reader.targets if not target.startswith("#")} == {"data:,"}


def test_each_subdistrict_has_a_page_with_its_figures(html: str, town: Evaluation) -> None:
    for number, one in enumerate(town.judgements, start=1):
        page = html[html.index(f'id="s{number}"') :].partition("<section")[0]
        text = show(page)
        for part in (
            one.subdistrict.name, one.subdistrict.code, f"{one.subdistrict.population:,.0f}",
            f"{one.coverage.coverage_ratio:.1%}", f"{one.coverage.straight_line_ratio:.1%}",
        ):  # fmt: skip
            assert part in text
        for site in one.sites:
            assert f"{town.worth[site].alone:,.0f}" in text


def test_every_finding_stands_with_its_clause_and_department_in_both_languages(
    html: str, town: Evaluation
) -> None:
    text = show(html).split("\n")
    subjects = {WEST, EAST, *town.worth}
    compared = 0
    for one in town.findings:
        if one.subject in subjects:
            assert one.message.zh in text
            assert one.message.en in text
            assert one.clause is None or one.clause in text
            compared += 1
    assert compared > 5


def decide(site: str, kind: DecisionKind, reviewer: str, hash_: str, minute: int = 30) -> Decision:
    day = datetime(2010, 8, 9, 9, minute, tzinfo=UTC)
    return Decision(site, EAST, kind, "<b>压缩", reviewer, day, hash_)


def test_decisions_stand_in_a_table_and_beside_their_sites(town: Evaluation, html: str) -> None:
    sites = to_document(town)["sites"]
    assert isinstance(sites, list)
    now = {site["id"]: site["evaluation_sha256"] for site in sites}
    reviews = (
        decide("e1", "accept", "甲", now["e1"]), decide("e1", "reject", "乙", now["e1"], 45),
        decide("gone", "return", "丙", "0" * 64), decide("w1", "accept", "丁", now["w1"]),
    )  # fmt: skip
    decided = write_report(replace(town, case=replace(town.case, reviews=reviews)), "zh").decode()
    read(decided)
    table = decided.partition('class="decisions"')[2].partition("</table>")[0]
    rows = [[word for word in show(row).split("\n") if word] for row in table.split("<tr>")[2:]]
    assert [[row[0], row[2], *row[-3:]] for row in rows] == [
        ["东中心", "同意", "甲", "2010-08-09 09:30", "&lt;b&gt;压缩"],
        ["东中心", "不同意", "乙", "2010-08-09 09:45", "&lt;b&gt;压缩"],
        ["gone", "退回修改", "丙", "2010-08-09 09:30", "&lt;b&gt;压缩"],
        ["西一", "同意", "丁", "2010-08-09 09:30", "&lt;b&gt;压缩"],
    ]
    assert ["意见冲突" in row for row in rows] == [True, True, False, False]
    assert ["评审已变" in row for row in rows] == [False, False, True, False]
    beside = re.findall(r"<em>.*?</em>", decided)
    assert [("意见冲突" in one, "同意" in one) for one in beside] == [(False, True), (True, False)]
    assert 'class="decisions"' not in html


def test_sources_stand_with_their_hashes_and_the_version(html: str, town: Evaluation) -> None:
    for source in town.case.sources:
        assert source.path in html
        assert source.sha256 in html
    assert re.search(r"siteplan \d+\.\d+", show(html))


def test_text_of_both_languages_is_there_and_only_one_is_shown(html: str) -> None:
    assert '<h3><span lang="zh">审查意见</span><span lang="en">Findings</span></h3>' in html
    assert re.search(r'id="say-zh" checked', html)
    assert not re.search(r'id="say-en" checked', html)


@pytest.mark.parametrize(
    ("lang", "opens", "says"), [("zh", "zh", "zh"), ("en", "en", "en"), (None, "zh", "")]
)
def test_it_opens_in_the_language_asked_for(
    town: Evaluation, lang: str | None, opens: str, says: str
) -> None:
    html = write_report(town, lang).decode()  # type: ignore[arg-type]
    assert re.findall(r'id="say-(\w+)" checked', html) == [opens]
    assert f'data-lang="{says}"' in html


def test_the_report_tells_every_figure_of_the_standard_as_the_standard_is_shown(
    html: str, town: Evaluation
) -> None:
    for threshold in town.case.standard.thresholds.values():
        figure = say_threshold(threshold)
        assert figure.zh in html
        assert figure.en in html
    assert "≥ 85%" in html


def test_the_same_evaluation_gives_the_same_bytes(tmp_path: Path) -> None:
    written = [
        write_report(evaluate(read_case(write_town(tmp_path / name))), None) for name in "ab"
    ]
    assert written[0] == written[1]


def test_it_loads_nothing_and_runs_one_script_by_its_hash(html: str) -> None:
    contents = read_contents(html)
    assert all(address.startswith(("#", "data:")) for address in contents.addresses)
    (script,) = contents.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy.startswith(f"default-src 'none'; script-src 'sha256-{digest}'; style-src")
    assert html.index("Content-Security-Policy") < html.index("<style")


def test_siteplan_knows_its_report_again(html: str) -> None:
    assert b'<meta name="generator" content="siteplan">' in html.encode()[:1024]


def test_a_case_with_nothing_but_boundaries_has_a_report(tmp_path: Path) -> None:
    folder = write_town(tmp_path, with_roads=False)
    shutil.rmtree(folder / "data" / "proposals")
    html = write_report(evaluate(read_case(folder)), "en").decode()
    read(html)
    assert "Distances are straight lines" in html
    assert "nan" not in re.sub(r"<style.*?</style>", "", show(html))


# Text written by others


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element(text: str) -> None:
    plain, hostile = (make_hostile(name) for name in ("街", text))
    ours, theirs = (read(write_report(one, "zh").decode()) for one in (plain, hostile))
    assert set(theirs.tags) == set(ours.tags)
    assert theirs.ids == ours.ids
    assert theirs.tags.count("script") == ours.tags.count("script") == 1
    assert theirs.tags.count("style") == ours.tags.count("style")


def make_hostile(text: str) -> Evaluation:
    """Make an evaluation in which everything from a file is this text."""
    evaluation = make_evaluation(text)
    note = Text(text, text)
    source = Source("roads", text, text, 3, text, text, text, (note,))
    case = replace(evaluation.case, sources=(source,), name=text)
    findings = tuple(replace(one, message=note, clause=text) for one in evaluation.findings)
    return replace(evaluation, case=case, findings=findings)


def test_a_name_cannot_leave_the_style_of_the_running_head() -> None:
    name = '";}</style><script>alert(1)</script>\\'
    html = write_report(replace(make_evaluation(), case=replace(
        make_evaluation().case, name=name)), "zh").decode()  # fmt: skip
    (style,) = re.findall(r"<style>(@page.*?)</style>", html)
    assert re.fullmatch(
        r'@page\{@top-left\{content:"(\w|\\[0-9a-f]+ )*"\}'
        r'@bottom-left\{content:"(\w|\\[0-9a-f]+ )*"\}\}',
        style,
    )


# In a browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


@pytest.mark.browser
def test_it_opens_without_a_complaint_and_switches_its_language(
    chromium: Chromium, tmp_path: Path, town: Evaluation
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(write_report(town, None))
    with chromium.visit(path, locale="en-GB") as visit:
        assert "Findings" in visit.text("#s1")
        assert "审查意见" not in visit.text("#s1")
        assert visit.page.evaluate("document.documentElement.lang") == "en"
        visit.page.locator("label[for=say-zh]").click()
        assert "审查意见" in visit.text("#s1")
        assert "Findings" not in visit.text("#s1")
        assert visit.page.evaluate("document.documentElement.lang") == "zh-CN"
        assert visit.problems == []
        assert {url for url in visit.requests if not url.startswith("data:")} == {path.as_uri()}


@pytest.mark.browser
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_typed_and_runs_nothing(
    text: str, chromium: Chromium, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(write_report(make_hostile(text), "zh"))
    with chromium.visit(path) as visit:
        for selector in ("h1 bdi", "#s1 h2 bdi", ".sources b bdi"):
            assert visit.page.locator(selector).first.text_content() == text
        assert visit.page.locator("img, main script").count() == 0
        assert visit.problems == []


@pytest.mark.browser
def test_each_subdistrict_begins_a_sheet_of_a4(
    chromium: Chromium, tmp_path: Path, town: Evaluation
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(write_report(town, "zh"))
    with chromium.visit(path) as visit:
        visit.page.emulate_media(media="print")
        breaks = visit.page.locator(".subdistrict").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).breakBefore)"
        )
        paper = visit.page.pdf(prefer_css_page_size=True)
    assert breaks == ["page"] * len(town.judgements)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert len(boxes) >= 2 + len(town.judgements) + 1
    for width, height in boxes:
        assert float(width) == pytest.approx(210 / 25.4 * 72, abs=1)
        assert float(height) == pytest.approx(297 / 25.4 * 72, abs=1)
