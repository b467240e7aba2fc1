"""What the documents say is what the program does."""

import re
from pathlib import Path

import pytest

from siteplan.analysis.rules import RULES
from siteplan.inputs import settings, tags
from siteplan.schema import FIELDS

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
