"""What the documents say is what the program does."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest
from compared import Hold, Make, change_site
from paper import require_font

from siteplan.analysis.rules import RULES
from siteplan.evaluate import evaluate
from siteplan.explain import explain
from siteplan.fetch.case import fetch_from
from siteplan.fetch.wanted import Wanted
from siteplan.inputs import projects, settings, tags
from siteplan.inputs.case import read_case
from siteplan.inputs.projects import read_succession
from siteplan.model import Case, Evaluation
from siteplan.outputs.comparison.document import write_comparison
from siteplan.outputs.explanation import write_explanation
from siteplan.outputs.folder import write_form_page, write_form_workbook
from siteplan.outputs.layout.package import PackageChoice, describe_package
from siteplan.outputs.layout.quality import describe_quality
from siteplan.outputs.layout.target import choose_target
from siteplan.outputs.results import to_document
from siteplan.outputs.reviews import write_decided
from siteplan.outputs.standard_checks import check_standards, write_checks
from siteplan.outputs.standards import write_list, write_standard
from siteplan.schema import FIELDS
from siteplan.standard import list_shipped, read_standard

ROOT = Path(__file__).parents[1]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def quoted(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_0-9]+)`", text))


def between(text: str, start: str, end: str) -> str:
    return text[text.index(start) : text.index(end, text.index(start))]


def test_readme_has_exactly_two_commands_to_start() -> None:
    start = between(read("README.md"), "## Start", "## Your own case")
    commands = re.findall(r"```sh\n(.*?)\n```", start, flags=re.DOTALL)
    assert len(commands) == 2
    assert all("\n" not in command and "python3 -m venv" in command for command in commands)
    assert commands[0].endswith("siteplan evaluate")
    assert commands[1].endswith("pytest")


def test_links_between_documents_lead_somewhere() -> None:
    for name in ("README.md", "docs/method.md", "docs/files.md", "benchmarks/README.md"):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", read(name)):
            assert (ROOT / name).parent.joinpath(target).exists(), (name, target)


def test_every_walkable_and_residential_value_is_documented() -> None:
    method = read("docs/method.md")
    assert (
        quoted(between(method, "Walked are ways", "([Key:highway]")) - {"highway"} == tags.WALKABLE
    )
    residential = between(method, "Residential buildings are", "([OpenStreetMap")
    assert quoted(residential) - {"building"} == tags.RESIDENTIAL
    assert quoted(between(method, "without any of the tags", "## Roads")) == set(tags.OTHER_USE)


def test_every_public_service_is_documented() -> None:
    table = between(read("docs/method.md"), "## Existing public services", "## Coverage")
    rows = dict(re.findall(r"^\| \[`(\w+)`\]\S+ \|(.*)\|$", table, re.MULTILINE))
    assert {key: quoted(row) for key, row in rows.items()} == {
        key: set(values) for key, values in tags.SERVICES.items()
    }


def test_every_rule_is_documented_with_its_title() -> None:
    rows = re.findall(r"^\| ([A-Z]\d\d) \| ([^|]+) \|", read("docs/method.md"), flags=re.MULTILINE)
    assert rows == [(rule.code, rule.title.en) for rule in RULES]


@pytest.mark.parametrize("section", ["case", "paths", "datum", "limits"])
def test_every_setting_is_documented(section: str) -> None:
    (row,) = re.findall(rf"^\| `\[{section}\]` \|(.*)\|$", read("docs/files.md"), re.MULTILINE)
    assert set(settings.SECTIONS[section]) <= quoted(row)


def test_every_column_is_documented() -> None:
    for role, names in settings.COLUMNS.items():
        if role != "proposals":
            (row,) = re.findall(
                rf"^\| `\[columns.{role}\]` \|(.*)\|$", read("docs/files.md"), re.MULTILINE
            )
            assert quoted(row) == set(names)


def test_every_key_of_a_proposal_is_documented_with_its_chinese_name() -> None:
    table = between(read("docs/files.md"), "| key | 中文 |", "## What is refused")
    assert dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", table, re.MULTILINE)) == {
        field.key: field.label.zh for field in FIELDS
    }
    for field in FIELDS:
        assert all(choice.label.zh in table for choice in field.choices), field.key


def test_every_column_of_projects_is_documented_with_its_chinese_names() -> None:
    table = between(read("docs/files.md"), "## Projects", "## Decisions")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| (.*) \|$", table, re.MULTILINE)
    assert {name: tuple(chinese.split(", ")) for name, chinese, _ in rows} == projects.COLUMNS
    required = {name for name, _, value in rows if value.startswith("required")}
    assert required == set(projects.REQUIRED_COLUMNS)


def test_readme_draws_every_file_that_a_case_may_have() -> None:
    tree = between(read("README.md"), "CASE/\n", "```")
    for role in settings.SECTIONS["paths"]:
        assert f"data/{role}" in tree


# What is written as JSON: every key that stands in real output stands in the documents too.


NAMES = frozenset(
    {"thresholds", "clauses", "sources", "versions", "files", "rules", "groups", "figures", "turns"}
)
"""Keys below which are names of things, where they hold no list."""


def list_keys(value: object, inside: str = "") -> Iterator[str]:
    """Yield every key of a document that is no name of a thing."""
    if isinstance(value, list):
        for each in value:
            yield from list_keys(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if inside not in NAMES and key not in {"zh", "en"}:
                yield key
            yield from list_keys(each, key)


def find_untold(document: object, section: str, besides: Collection[str] = ()) -> set[str]:
    return set(list_keys(document)) - quoted(section) - set(besides)


@pytest.fixture(scope="module")
def demo() -> Case:
    return read_case(ROOT)


@pytest.fixture(scope="module")
def evaluation(demo: Case) -> Evaluation:
    return evaluate(demo)


@pytest.fixture(scope="module")
def files() -> str:
    return read("docs/files.md")


def test_every_key_of_an_evaluation_stands_in_its_table(files: str, evaluation: Evaluation) -> None:
    document = to_document(evaluation)
    table = between(files, "`evaluation.json` (format", "`manifest.json` of a package")
    assert set(document) <= quoted(table)
    for part in ("standard", "distance", "sources", "findings", "reviews"):
        (row,) = re.findall(rf"^\| `{part}` \| (.*) \|$", table, re.MULTILINE)
        assert not find_untold(document[part], row), part


def test_every_key_of_a_decision_list_is_documented(files: str, evaluation: Evaluation) -> None:
    document = json.loads(write_decided(to_document(evaluation), 0))
    assert not find_untold(
        document, between(files, "## Decisions", "## What is refused"), ["format"]
    )


def test_every_key_of_a_manifest_is_documented(
    files: str, evaluation: Evaluation, tmp_path: Path
) -> None:
    require_font()
    (tmp_path / "report.pdf").touch()
    choice = PackageChoice(settings={"siteplan.toml": "0"})
    target = choose_target(None, evaluation.case.area)
    manifest = describe_package(evaluation, tmp_path, choice, target)
    told = between(files, "`manifest.json` of a package", "`quality.json` of a package")
    sources = manifest.pop("sources")
    assert sources == to_document(evaluation)["sources"]
    assert not find_untold(manifest, told, ["sources"])


def test_every_key_of_the_quality_of_data_is_documented(files: str, evaluation: Evaluation) -> None:
    quality = describe_quality(evaluation)
    told = between(files, "`quality.json` of a package", "`fetched.json` of a fetched case")
    assert set(quality) <= quoted(told)
    assert not find_untold([quality["checks"], quality["conservation"], quality["notices"]], told)


def test_every_key_of_a_fetched_case_is_documented(files: str, tmp_path: Path) -> None:
    boundary = ROOT / "data" / "boundaries" / "subdistricts.geojson"
    fetch_from(ROOT / "data" / "roads.osm.pbf", Wanted(boundary=boundary), tmp_path / "case")
    document = json.loads((tmp_path / "case" / "fetched.json").read_bytes())
    assert not find_untold(document, between(files, "`fetched.json` of a", "## Explanations"))


def test_every_key_of_an_explanation_is_documented(files: str, demo: Case) -> None:
    told = between(files, "## Explanations", "## Comparisons")
    rows = re.findall(r"^\| (`\w+_[^|]+) \| [^|]+ \| (.+) \|$", told, re.MULTILINE)
    kinds = {kind: quoted(figures) for names, figures in rows for kind in quoted(names)}
    today = quoted(between(told, "| `today`", "| `counterfactuals`"))
    finding = quoted(between(files, "| `findings` | `code`", "| `reviews`"))
    subjects = ("440199001", "440199004", "440199006", "440199004-1", "440199004-3")
    found: set[str] = set()
    for subject in subjects:
        document = json.loads(write_explanation(explain(demo, subject)))
        document |= {"subdistrict": None, "site": None}
        assert not find_untold(document, told, finding), subject
        for one in document["counterfactuals"]:
            found.add(one["kind"])
            figures = set(one) - {"kind", "sentence"}
            allowed = kinds[one["kind"]]
            assert figures <= (allowed | today if "today" in allowed else allowed), one["kind"]
    assert found == set(kinds)


def test_every_key_of_a_comparison_is_documented(files: str, hold: Hold, make: Make) -> None:
    comparison = hold(make(), make(change_site("w1", (600, 600), floor_area_m2=700)))
    document = json.loads(write_comparison(comparison))
    told = between(files, "## Comparisons", "## Standards")
    as_in_evaluations = [*list_keys([one["gaps"] for one in document["subdistricts"]])]
    for one in document["findings"]:
        as_in_evaluations += list_keys([one["before"], one["after"]])
    by_name = ["site", *document["summary"]]
    assert not find_untold(document, told, [*as_in_evaluations, *by_name])
    for part in ("subdistricts", "sites", "findings", "causes", "before"):
        (row,) = re.findall(rf"^\| `{part}`.* \| (.*) \|$", told, re.MULTILINE)
        row += between(told, "A cause has", "Its kind") if part == "causes" else ""
        (one, *_) = document[part] if part != "before" else [document[part]]
        assert set(one) <= quoted(row), part


@pytest.mark.parametrize(
    "write",
    [
        lambda: write_list([read_standard(id_, ROOT) for id_ in list_shipped()]),
        lambda: write_standard(read_standard("guangzhou-2010", ROOT), read_succession()),
        lambda: write_standard(read_standard("gb50180-2018-15min", ROOT)),
        lambda: write_checks(check_standards(list_shipped(), {rule.code for rule in RULES})),
    ],
)
def test_every_key_of_a_standard_as_json_is_documented(
    files: str, write: Callable[[], bytes]
) -> None:
    document: dict[str, Any] = json.loads(write())
    told = files[files.index("Each command prints the same with `--json`") :]
    format_ = document.pop("format")
    (row,) = re.findall(rf"^\| `{format_}` \| (.*) \|$", told, re.MULTILINE)
    assert set(document) <= quoted(row)
    checked = quoted(between(files, "`siteplan-check/1`", "`--fix` writes"))
    assert not find_untold(document, told, checked if "check" in format_ else ())


def test_every_form_that_is_written_stands_in_the_list(
    files: str, demo: Case, tmp_path: Path
) -> None:
    listed = between(files, "## What is written", "`siteplan layout` writes")
    for codes in (demo.area.codes, demo.area.codes[:1]):
        page = write_form_page(demo, codes, tmp_path, "zh")
        workbook = write_form_workbook(demo, codes, tmp_path, "zh")
        for path in (page, workbook):
            assert f"`{path.name.replace(codes[0], 'CODE')}`" in listed
