"""Deciding in a browser: what is kept, what is saved, and that no text does any harm."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from browser import Chromium, Visit, start_chromium
from small import make_area, make_case, make_site, make_sites, make_subdistrict

from siteplan.inputs.reviews import read_review
from siteplan.outputs.page import Parts, read_own_script, render_page
from siteplan.outputs.schemas import describe_review
from siteplan.review import DECISIONS, find_standing, merge_reviews

WEST, EAST, NONE = "a" * 64, "b" * 64, "c" * 64
HOSTILE = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--<script>"
    "{{ 7*7 }}{% raw %}${7*7}`&lt;b&gt;\u2028\u202eright to left\u200f\"'\\"
)
GLUE = """
function showAll() {
  document.getElementById("test").replaceChildren(languageButtons(),
    ...data.sites.map((site) => el("article", { id: `site-${site.id}` },
      el("h2", {}, bdi(site.name)), reviewButtons(site))),
    reviewPanel((id) => { document.title = `chosen ${id}`; }));
}
function speak(lang) {
  state.lang = lang;
  showAll();
}
showAll();
"""
SCRIPTS = ("words.js", "data.js", "speech.js", "draw.js", "review.js")


def standing(site: str, decision: str, reviewer: str = "王", **rest: Any) -> dict[str, Any]:  # noqa: ANN401
    known = {
        "site": site, "subdistrict": "W", "decision": decision, "reviewer": reviewer,
        "decided": "2010-07-05T09:30:00+08:00", "comment": "", "outdated": False, "conflict": False,
        "evaluation_sha256": WEST,
    }  # fmt: skip
    return {**known, **rest}


def payload(name: str = "小镇", **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    known = {
        "kind": "overview",
        "lang": "en",
        "case": name,
        "subdistricts": [
            {"code": "W", "name": "西街道", "evaluation_sha256": WEST},
            {"code": "E", "name": "东街道", "evaluation_sha256": EAST},
        ],
        "sites": [
            {"id": "w1", "name": "西一", "subdistrict": "W"},
            {"id": "e1", "name": "东中心", "subdistrict": "E"},
            {"id": "n1", "name": "无街道", "subdistrict": None, "evaluation_sha256": NONE},
        ],
        "findings": [],
        "rule_titles": {},
        "reviews": [],
    }
    return {**known, **changes}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with start_chromium() as browser:
        yield browser


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a page with every site's buttons and the panel, and nothing else."""
    glue = tmp_path / "glue.js"
    glue.write_text(GLUE, encoding="utf-8")
    parts = Parts(
        ("base.css", "review.css"), (*SCRIPTS, str(glue)), '<main id="test" aria-live="off"></main>'
    )

    def write_page(file: str = "index.html", **changes: Any) -> Path:  # noqa: ANN401
        path = tmp_path / file
        html = render_page(payload(**changes), parts, title="a")
        path.write_text(html, encoding="utf-8", newline="\n")
        return path

    return write_page


def choose(visit: Visit, site: str, word: str) -> None:
    visit.page.locator(f"#site-{site}").get_by_role("button", name=word, exact=True).click()


def name_reviewer(visit: Visit, name: str = "李") -> None:
    visit.page.get_by_label("Reviewer").fill(name)


def save(visit: Visit, folder: Path) -> Path:
    with visit.page.expect_download() as waiting:
        visit.page.get_by_role("button", name="Save decisions").click()
    path = folder / "saved.json"
    waiting.value.save_as(path)
    return path


def read_saved(path: Path) -> Any:  # noqa: ANN401
    document = json.loads(path.read_bytes())
    jsonschema.Draft202012Validator(describe_review()).validate(document)
    return document


def make_town(name: str = "小镇") -> Any:  # noqa: ANN401
    places = [("w1", "W"), ("e1", "E"), ("n1", None)]
    sites = make_sites(*(make_site(id_, 0, 0, subdistrict=code) for id_, code in places))
    return make_case(make_area(make_subdistrict("W")), name=name, sites=sites)


# The script


def test_script_writes_no_markup_and_runs_no_text() -> None:
    script = read_own_script(["review.js"])
    forbidden = r"(inner|outer|insertAdjacent)HTML\s*=|document\.write|DOMParser|eval\(|Function\("
    assert re.search(forbidden, script) is None


def test_page_names_decisions_as_the_program_does() -> None:
    script = read_own_script(["review.js"])
    for kind, words in DECISIONS.items():
        ((zh, en),) = re.findall(rf'review_{kind}: \["(.*?)", "(.*?)"\]', script)
        assert (zh, en.casefold()) == (words.zh, words.en)


# Deciding


@pytest.mark.browser
def test_saved_decisions_follow_the_schema_and_merge(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "e1", "Accept")
        choose(visit, "w1", "Return")
        visit.page.locator("#site-w1").get_by_label("Comment").fill(HOSTILE)
        choose(visit, "n1", "Reject")
        name_reviewer(visit, "李 </script>")
        path = save(visit, tmp_path)
        assert visit.text("[role=status]").startswith("Saved 3 decisions: 审查_小镇_李script.json")
        assert visit.problems == []
    document = read_saved(path)
    assert [(one["site"], one["decision"], one["evaluation_sha256"]) for one in
            document["decisions"]] == [
        ("e1", "accept", EAST), ("n1", "reject", NONE), ("w1", "return", WEST)
    ]  # fmt: skip
    review, remarks = read_review(path, "saved.json", make_town())
    assert remarks == []
    merged = merge_reviews((), review.decisions).decisions
    assert merged[2].comment == HOSTILE
    assert {one.reviewer for one in merged} == {"李 </script>"}
    assert merged[1].subdistrict is None
    standings = find_standing(merged, {"w1": WEST, "e1": EAST, "n1": NONE})
    assert [(one.site, one.outdated) for one in standings] == [
        ("e1", False), ("n1", False), ("w1", False)
    ]  # fmt: skip


@pytest.mark.browser
def test_hostile_text_is_shown_as_typed_and_runs_nothing(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    reviews = [standing("w1", "accept", HOSTILE, comment=HOSTILE)]
    site = {"id": HOSTILE, "name": HOSTILE, "subdistrict": "W"}
    sites = [{"id": "w1", "name": HOSTILE, "subdistrict": "W"}, site]
    with chromium.visit(write(name=HOSTILE, reviews=reviews, sites=sites)) as visit:
        choose(visit, "w1", "Return")
        visit.page.locator("#site-w1").get_by_label("Comment").fill(HOSTILE)
        visit.page.locator("article").nth(1).get_by_role("button", name="Reject").click()
        name_reviewer(visit, HOSTILE[:100])
        shown = {visit.page.locator(selector).first.text_content() for selector in (
            ".review-standing bdi", ".review-standing p", ".review-made bdi", ".review-made p"
        )}  # fmt: skip
        assert shown == {HOSTILE}
        saved = read_saved(save(visit, tmp_path))
        assert saved["case"] == saved["decisions"][0]["site"] == HOSTILE
        assert visit.page.locator("img, main script").count() == 0
        assert visit.problems == []


@pytest.mark.browser
def test_nothing_is_asked_of_any_host(chromium: Chromium, write: Write, tmp_path: Path) -> None:
    path = write()
    with chromium.visit(path) as visit:
        choose(visit, "w1", "Accept")
        name_reviewer(visit)
        save(visit, tmp_path)
        asked = {url for url in visit.requests if not url.startswith(("data:", "blob:"))}
        assert asked == {path.as_uri()}


@pytest.mark.browser
def test_decisions_survive_a_reload_and_another_language(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Return")
        visit.page.locator("#site-w1").get_by_label("Comment").fill("太远")
        visit.page.locator("#site-e1").get_by_label("Comment").fill("再看")  # not decided yet
        name_reviewer(visit)
        visit.page.reload()
        pressed = visit.page.locator("[aria-pressed=true][data-kind]")
        assert pressed.all_inner_texts() == ["Return"]
        assert visit.page.locator("#site-w1 textarea").input_value() == "太远"
        assert visit.page.locator("#site-e1 textarea").input_value() == "再看"
        assert "not decided" in visit.text("#site-e1")
        assert visit.page.get_by_label("Reviewer").input_value() == "李"
        visit.page.get_by_role("button", name="中文").click()
        assert pressed.all_inner_texts() == ["退回修改"]
        assert visit.text(".review-count") == "在此作出的决定：1 项"


@pytest.mark.browser
def test_chosen_again_a_decision_is_taken_back(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Return")
        choose(visit, "w1", "Accept")
        assert visit.page.locator(".review-made li").all_inner_texts()[0].startswith("Accept 西一")
        choose(visit, "w1", "Accept")
        assert visit.text(".review-made") == "Nothing decided here yet"
        visit.page.reload()
        assert visit.text(".review-made") == "Nothing decided here yet"


@pytest.mark.browser
def test_everything_is_done_from_the_keyboard_and_named_for_a_screen_reader(
    chromium: Chromium, write: Write
) -> None:
    with chromium.visit(write()) as visit:
        group = visit.page.get_by_role("group", name="Decision on 西一")
        group.get_by_role("button", name="Accept").focus()
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Enter")
        assert group.get_by_role("button", name="Return", pressed=True).count() == 1
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.press("Tab")
        visit.page.keyboard.type("why")
        assert group.get_by_role("textbox", name="Comment").input_value() == "why"
        panel = visit.page.get_by_role("region", name="Decisions")
        assert "why" in panel.inner_text()
        panel.get_by_role("button", name="西一").press("Enter")
        assert visit.page.title() == "chosen w1"


@pytest.mark.browser
def test_saving_asks_for_a_name_and_for_something_to_save(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        button = visit.page.get_by_role("button", name="Save decisions")
        button.click()
        assert visit.text("[role=status]") == "Nothing decided here yet"
        choose(visit, "w1", "Accept")
        button.click()
        assert visit.text("[role=status]") == "Give the reviewer's name first"
        assert visit.page.get_by_label("Reviewer").evaluate(
            "node => node === document.activeElement"
        )


@pytest.mark.browser
def test_clearing_asks_once_more(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Accept")
        choose(visit, "e1", "Accept")
        visit.page.get_by_role("button", name="Clear…").click()
        choose(visit, "n1", "Reject")  # anything else calls it off
        visit.page.get_by_role("button", name="Clear…").click()
        visit.page.get_by_role("button", name="Really clear 3 decisions").click()
        assert visit.text("[role=status]") == "Cleared"
        assert visit.page.locator("[aria-pressed=true][data-kind]").count() == 0


@pytest.mark.browser
def test_a_comment_without_a_decision_is_named_when_the_file_leaves_it_out(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.locator("#site-e1").get_by_label("Comment").fill("再看")
        visit.page.get_by_role("button", name="Save decisions").click()
        left = "Not in the file, for they have a comment only: 东中心"
        assert visit.text("[role=status]") == f"Nothing decided here yet; {left}"
        choose(visit, "w1", "Accept")
        name_reviewer(visit)
        saved = read_saved(save(visit, tmp_path))
        assert [one["site"] for one in saved["decisions"]] == ["w1"]
        said = visit.text("[role=status]")
        assert said.startswith("Saved 1 decision: 审查_")
        assert said.endswith(f"; {left}")


# What others decided


@pytest.mark.browser
def test_all_that_was_decided_before_is_listed_with_what_is_amiss_with_it(
    chromium: Chromium, write: Write
) -> None:
    sites = [{"id": "w1", "name": "西一", "subdistrict": "W", "status": "proposed"},
             {"id": "e1", "name": "东中心", "subdistrict": "E", "status": "proposed"}]  # fmt: skip
    reviews = [
        standing("w1", "accept", "王", conflict=True),
        standing("w1", "reject", "陈", conflict=True),
        standing("e1", "return", "王", outdated=True, comment="<b>再看"),
    ]  # fmt: skip
    with chromium.visit(write(sites=sites, reviews=reviews)) as visit:
        listed = visit.page.locator(".review-panel .review-standing")
        assert listed.locator("summary").inner_text() == "Decided before: 3"
        west, _, east = listed.locator("li").all_inner_texts()
        assert west.startswith("西一 Accept 王")
        assert west.endswith("Conflict")
        assert "Evaluation has changed" in east
        assert east.endswith("<b>再看")
        pending = visit.page.locator(".review-pending li")
        assert pending.all_inner_texts() == ["西一 Conflict", "东中心 Evaluation has changed"]
        listed.get_by_role("button", name="东中心").click()
        assert visit.page.title() == "chosen e1"


@pytest.mark.browser
def test_what_was_decided_before_stands_beside_the_buttons(
    chromium: Chromium, write: Write
) -> None:
    reviews = [
        standing("w1", "accept", "王"), standing("w1", "reject", "陈", conflict=True, comment="远"),
        standing("e1", "return", "王", outdated=True),
    ]  # fmt: skip
    with chromium.visit(write(reviews=reviews)) as visit:
        first, second = visit.page.locator("#site-w1 .review-standing li").all_inner_texts()
        assert first.startswith("Accept 王 5 Jul 2010")
        assert "Conflict" in second
        assert second.endswith("远")
        assert "Evaluation has changed" in visit.text("#site-e1 .review-standing")
        assert visit.page.locator("#site-n1 .review-standing").count() == 0


@pytest.mark.browser
def test_a_decision_in_a_conflict_settles_it_unless_unticked(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    ahead = "2090-01-01T00:00:00.999+08:00"  # a clock that was wrong
    reviews = [standing("w1", "accept", conflict=True),
               standing("w1", "reject", "陈", conflict=True, decided=ahead)]  # fmt: skip
    with chromium.visit(write(reviews=reviews)) as visit:
        choose(visit, "w1", "Return")
        choose(visit, "e1", "Return")
        name_reviewer(visit)
        settled, plain = (read_saved(save(visit, tmp_path))["decisions"][i] for i in (1, 0))
        assert (settled["settles"], plain["settles"]) == (True, False)
        later, before = map(datetime.fromisoformat, (settled["decided"], ahead))
        assert later > before  # or it would settle nothing
        visit.page.get_by_label("This settles the conflict").uncheck()
        assert read_saved(save(visit, tmp_path))["decisions"][1]["settles"] is False
    read_review(tmp_path / "saved.json", "saved.json", make_town())


@pytest.mark.browser
def test_a_decision_on_an_earlier_evaluation_is_marked_until_it_is_made_again(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Accept")
        choose(visit, "e1", "Accept")
        name_reviewer(visit)
        changed = payload()["subdistricts"]
        changed[0]["evaluation_sha256"] = NONE
        visit.page.goto(write(subdistricts=changed).as_uri())
        assert "decide again" in visit.text("#site-w1")
        assert "decide again" not in visit.text("#site-e1")
        assert visit.page.locator(".review-made .review-mark").count() == 1
        assert read_saved(save(visit, tmp_path))["decisions"][1]["evaluation_sha256"] == WEST
        choose(visit, "w1", "Return")
        assert "decide again" not in visit.text("#site-w1")
        assert read_saved(save(visit, tmp_path))["decisions"][1]["evaluation_sha256"] == NONE


# Going on with a saved file


def open_file(visit: Visit, content: Any, folder: Path) -> str:  # noqa: ANN401
    path = folder / "opened.json"
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    before = visit.page.locator("[role=status]").inner_text()
    with visit.page.expect_file_chooser() as waiting:
        visit.page.get_by_role("button", name="Open a saved file").click()
    waiting.value.set_files(path)
    visit.page.wait_for_function(
        "before => document.querySelector('[role=status]').innerText !== before", arg=before
    )
    return visit.text("[role=status]")


@pytest.mark.browser
def test_a_saved_file_is_opened_and_the_later_decision_stays(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Accept")
        choose(visit, "e1", "Reject")
        name_reviewer(visit)
        first = read_saved(save(visit, tmp_path))
    with chromium.visit(write()) as visit:  # another computer
        choose(visit, "w1", "Return")
        assert open_file(visit, first, tmp_path) == "Opened, 1 decision taken over"
        assert visit.page.get_by_label("Reviewer").input_value() == "李"
        second = read_saved(save(visit, tmp_path))
        assert second["decisions"][0] == first["decisions"][0]
        assert [one["decision"] for one in second["decisions"]] == ["reject", "return"]
        assert visit.problems == []


@pytest.mark.browser
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("{", "no file of decisions"),
        ([], "no file of decisions"),
        ({"format": "siteplan-reviews/1"}, "no file of decisions"),
        ({"reviewer": " "}, "no file of decisions"),
        ({"case": "<b>大镇"}, "another case: <b>大镇"),
        ({"decisions": [1]}, "Item 1 of the file is not a decision"),
        ({"decisions": [{"site": "w1"}]}, "Item 1 of the file is not a decision"),
        ({"reviewer": "王"}, "This file is by 王"),
    ],
)
def test_a_file_that_is_not_exactly_one_is_refused_and_changes_nothing(
    chromium: Chromium, write: Write, tmp_path: Path, change: object, told: str
) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Accept")
        name_reviewer(visit)
        saved = read_saved(save(visit, tmp_path))
        content = {**saved, **change} if isinstance(change, dict) else change
        assert told in open_file(visit, content, tmp_path)
        assert visit.text(".review-count") == "Decided here: 1"
        assert visit.page.get_by_label("Reviewer").input_value() == "李"
        assert visit.problems == []


# Storage


@pytest.mark.browser
def test_two_pages_of_a_case_share_what_was_decided(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write("one.html")) as visit:
        other = visit.page.context.new_page()
        other.goto(write("two.html").as_uri())
        choose(visit, "w1", "Accept")
        other.locator(".review-made li").wait_for()
        other.locator("#site-e1").get_by_role("button", name="Return").click()
        visit.page.locator(".review-made li").nth(1).wait_for()
        assert visit.text(".review-count") == "Decided here: 2"


@pytest.mark.browser
def test_pages_of_other_cases_do_not(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Accept")
        visit.page.goto(write(name='小镇"|site|').as_uri())
        assert visit.text(".review-count") == "Decided here: 0"


@pytest.mark.browser
def test_what_others_left_in_the_storage_is_passed_over(chromium: Chromium, write: Write) -> None:
    with chromium.visit(write()) as visit:
        choose(visit, "w1", "Accept")
        visit.page.evaluate(
            """() => {
              const [key] = Object.keys(localStorage).filter((one) => one.endsWith("|w1"));
              const good = JSON.parse(localStorage[key]);
              const bad = ["{", "null", "7", JSON.stringify({ ...good, decided: 1 }),
                JSON.stringify({ ...good, decision: "maybe" })];
              bad.forEach((text, i) => localStorage.setItem(`${key}${i}`, text));
            }"""
        )
        visit.page.reload()
        assert visit.text(".review-count") == "Decided here: 1"
        assert visit.problems == []


@pytest.mark.browser
def test_a_browser_that_keeps_nothing_says_so_and_saves_all_the_same(
    chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    with chromium.visit(write()) as visit:
        visit.page.add_init_script(
            "Object.defineProperty(window, 'localStorage',"
            " { get() { throw new DOMException('denied', 'SecurityError'); } });"
        )
        visit.page.reload()
        choose(visit, "w1", "Accept")
        assert "keeps no drafts" in visit.text(".review-unstored")
        name_reviewer(visit)
        assert len(read_saved(save(visit, tmp_path))["decisions"]) == 1
        assert visit.problems == []


@pytest.mark.browser
@pytest.mark.parametrize("asks", [1, 0])
def test_leaving_asks_first_where_decisions_would_be_lost(
    asks: int, chromium: Chromium, write: Write, tmp_path: Path
) -> None:
    with chromium.visit(write()) as visit:
        if asks:  # the browser keeps nothing
            visit.page.add_init_script(
                "Object.defineProperty(window, 'localStorage',"
                " { get() { throw new DOMException('denied', 'SecurityError'); } });"
            )
            visit.page.reload()
        asked = []
        visit.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        choose(visit, "w1", "Accept")
        name_reviewer(visit)
        visit.page.reload()
        assert asked == ["beforeunload"] * asks
        choose(visit, "e1", "Accept")
        name_reviewer(visit)
        save(visit, tmp_path)
        visit.page.reload()
        assert asked == ["beforeunload"] * asks  # what is in a file may go


@pytest.mark.browser
def test_proposals_wait_until_each_is_decided(chromium: Chromium, write: Write) -> None:
    sites = [
        {"id": "w1", "name": "西一", "subdistrict": "W", "status": "proposed"},
        {"id": "w2", "name": HOSTILE, "subdistrict": "W", "status": "proposed"},
        {"id": "e1", "name": "东中心", "subdistrict": "E", "status": "proposed"},
        {"id": "e2", "name": "东站", "subdistrict": "E", "status": "existing"},
    ]
    earlier = [
        standing("e1", "accept", outdated=True),
        standing("w2", "return"),
    ]
    with chromium.visit(write(sites=sites, reviews=earlier)) as visit:
        pending = visit.page.locator(".review-pending")
        assert pending.locator("summary").inner_text() == "Proposals to be decided: 2 sites"
        assert pending.locator("li").all_inner_texts() == ["西一", "东中心 Evaluation has changed"]
        choose(visit, "w1", "Accept")
        assert pending.locator("li").all_inner_texts() == ["东中心 Evaluation has changed"]
        pending.get_by_role("button", name="东中心").click()
        assert visit.page.title() == "chosen e1"
        choose(visit, "e1", "Reject")
        assert pending.is_hidden()
        choose(visit, "e1", "Reject")  # taken back
        assert pending.is_visible()
        assert visit.problems == []
