"""Data flows one way: a module imports only from modules above it in this list."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import siteplan

FLOORS = [
    {"errors"},
    {"model"},
    {"geometry", "standard", "crs", "files", "schema"},
    {"review"},
    {"inputs", "analysis"},
    {"datum", "fetch"},
    {"evaluate", "check", "populate", "start"},
    {"explain", "compare"},
    {"outputs"},
    {"cli"},
]
HIDDEN_FROM_OUTPUTS = {
    "inputs", "analysis", "datum", "fetch", "evaluate", "check", "populate", "start", "explain",
    "compare",
}  # fmt: skip
PACKAGE = Path(siteplan.__file__).parent
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.stem[0] != "_"
)


def list_imports(path: Path) -> set[str]:
    """Return the rooms of siteplan that a module imports from."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "siteplan":
            names += [f"siteplan.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            names.append(node.module or "")
    return {name.split(".")[1] for name in names if name.startswith("siteplan.")}


def find_room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_up(path: Path) -> None:
    room = find_room(path)
    floor = next(number for number, rooms in enumerate(FLOORS) if room in rooms)
    above = set().union(*FLOORS[:floor]) | {room}
    if room in {"standard", "crs", "files"}:
        above |= {"files"}
    if room == "outputs":
        above -= HIDDEN_FROM_OUTPUTS
    assert list_imports(path) <= above


def test_analysis_reads_no_file_and_knows_no_table() -> None:
    for path in (PACKAGE / "analysis").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not {"geopandas", "pandas", "pathlib", "json", "csv"} & set(text.split()), path


def test_only_the_package_of_inputs_knows_geopandas() -> None:
    knowing = [path for path in MODULES if "geopandas" in path.read_text(encoding="utf-8")]
    assert {find_room(path) for path in knowing} == {"inputs"}


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, click.testing as t, siteplan.cli as c;"
        "t.CliRunner().invoke(c.main, ['evaluate', '--help']);"
        "print([m for m in ('numpy', 'shapely', 'geopandas', 'folium') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
