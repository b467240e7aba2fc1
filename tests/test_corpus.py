"""What `siteplan check` says of files as they may arrive, held against what is right to say."""

import csv
import json
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner
from corpus import CODES, SAMPLES, SOUTH, STEP, WEST, Mark, Sample, site, write
from pyogrio.errors import DataSourceError
from shapely.errors import GEOSException
from shapely.geometry import mapping
from small import fits_one_line

from siteplan.check import check_files
from siteplan.cli import main
from siteplan.errors import SiteplanError
from siteplan.files import LOCK_NAME, name_log
from siteplan.model import CheckedFile
from siteplan.outputs.checks import say_check, write_check
from siteplan.outputs.corrected import write_correction

Check = Callable[[Sample], CheckedFile]
SECONDS = 2.0
SLOW = 4  # times as slow as the machine on which two seconds are the promise
MOVED_DEGREES = 1e-8  # a millimetre
LARGE = 50_000  # bytes
SMALL = [sample for sample in SAMPLES if len(sample.content) < LARGE]


def name_samples(sample: Sample) -> str:
    return sample.name.encode("unicode_escape").decode()[:80]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture(scope="module")
def case(folder: Path) -> Path:
    """Make a case of four squares in a row, A to D from the west, with one proposal."""
    (folder / "case/data/boundaries").mkdir(parents=True)
    (folder / "case/data/proposals").mkdir()
    squares = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"{code}街道", "population": 9, "vintage": 2010},
            "geometry": mapping(
                shapely.box(WEST + i * STEP, SOUTH, WEST + (i + 1) * STEP, SOUTH + STEP)
            ),
        }
        for i, code in enumerate(CODES)
    ]
    boundaries, other = write(*squares), write(site(id="taken", subdistrict="B"))
    (folder / "case/data/boundaries/a.geojson").write_text(boundaries, encoding="utf-8")
    (folder / "case/data/proposals/other.geojson").write_text(other, encoding="utf-8")
    return folder / "case"


@pytest.fixture(scope="module")
def place(folder: Path) -> Callable[[Sample], Path]:
    """Return a function that writes a sample into a folder of its own."""
    known: dict[str, Path] = {}

    def place(sample: Sample) -> Path:
        if sample.name not in known:
            own = folder / str(len(known))
            own.mkdir()
            known[sample.name] = own / sample.name
            known[sample.name].write_bytes(sample.content)
        return known[sample.name]

    return place


@pytest.fixture(scope="module")
def check(place: Callable[[Sample], Path], case: Path) -> Iterator[Check]:
    """Return a function that checks a sample, once."""
    known: dict[str, CheckedFile] = {}

    def check(sample: Sample) -> CheckedFile:
        if sample.name not in known:
            start = time.perf_counter()
            (checked,) = check_files([place(sample)], case if sample.placed else None)
            known[sample.name] = checked
            assert time.perf_counter() - start < SECONDS * SLOW
        return known[sample.name]

    return check


def list_marks(checked: CheckedFile) -> set[Mark]:
    return {
        (d.stage, d.severity + "+" * (d.mended is not None), d.feature, d.field)
        for d in checked.defects
    }


@pytest.mark.parametrize("sample", SAMPLES, ids=name_samples)
def test_a_file_is_told_what_a_careful_reader_would_say(sample: Sample, check: Check) -> None:
    checked = check(sample)
    found = list_marks(checked)
    assert (checked.usable, sample.marks - found) == (sample.usable, set())
    if sample.exact:
        assert found == sample.marks


def test_the_corpus_is_large_and_no_name_stands_twice() -> None:
    assert len(SAMPLES) >= 300
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)
    assert sum(sample.usable for sample in SAMPLES) >= 60


def test_every_defect_is_told_in_both_languages_with_the_file_and_a_remedy(check: Check) -> None:
    for sample in SAMPLES:
        checked = check(sample)
        for defect in checked.defects[:100]:
            assert defect.path == checked.path
            assert defect.message.en != defect.message.zh
            assert all(text.strip() for text in (defect.message.en, defect.message.zh))
            assert has_chinese(defect.message.zh), (sample.name, defect)
            if defect.severity == "error":
                assert has_chinese(defect.remedy.zh), (sample.name, defect)
                assert defect.remedy.en.strip() not in {"", defect.remedy.zh}


def has_chinese(text: str) -> bool:
    return any(unicodedata.name(character, "").startswith("CJK") for character in text)


def test_the_terminal_gets_no_control_characters_and_no_endless_lines(check: Check) -> None:
    for sample in SAMPLES:
        for lang in ("zh", "en"):
            text = say_check([check(sample)], lang)
            assert all(map(fits_one_line, text.split("\n"))), sample.name
            assert max(map(len, text.split("\n"))) < 2_000, sample.name


def test_all_files_at_once_are_told_as_one_by_one(
    check: Check, place: Callable[[Sample], Path], case: Path
) -> None:
    for placed in (False, True):
        samples = [sample for sample in SMALL if sample.placed == placed]
        options = ["--case", str(case)] if placed else []
        paths = [str(place(sample)) for sample in samples]
        result = CliRunner().invoke(main, ["check", "--json", *options, "--", *paths])
        assert (result.exit_code, result.stderr) == (1, "")
        assert result.stdout_bytes == write_check([check(sample) for sample in samples])
        json.loads(result.stdout)


@pytest.mark.filterwarnings("ignore")
def test_a_general_reader_takes_many_files_that_must_be_refused(
    place: Callable[[Sample], Path],
) -> None:
    refused = [
        sample
        for sample in SMALL
        if "read error" in sample.verdict
        and sample.name.endswith(".geojson")
        and sample.content[:1] in {b"{", b"["}  # GDAL goes where a VRT or an address points
        and b"http" not in sample.content
    ]
    taken = []
    for sample in refused:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                gpd.read_file(place(sample))
            except (DataSourceError, GEOSException, ValueError):
                continue
        taken.append(sample.name)
    assert len(refused) >= 200
    assert len(taken) >= 100


@pytest.mark.parametrize("sample", SAMPLES, ids=name_samples)
def test_a_correction_leaves_the_file_alone_and_nothing_to_correct(
    sample: Sample, check: Check, place: Callable[[Sample], Path], case: Path
) -> None:
    path, checked = place(sample), check(sample)
    assert (checked.correction is not None) == any(d.mended is not None for d in checked.defects)
    if checked.correction is None:
        return
    allowed = {path.name, LOCK_NAME}
    try:
        fixed = write_correction(checked, checked.correction, "en")
    except SiteplanError:  # there is no room for a longer name
        assert len(path.name) > 240
    else:
        log = name_log(path)
        allowed |= {fixed.name, log.name}
        assert fixed.name == f"{path.stem}.fixed{path.suffix}"
        remarks = path.suffix.lower() == ".xlsx"  # what a workbook loses
        lines = log.read_text("utf-8").splitlines()
        assert len(lines) == 4 + len(checked.correction.changes) + remarks
        (again,) = check_files([fixed], case if sample.placed else None)
        assert [defect for defect in again.defects if defect.mended is not None] == []
        assert again.features == checked.features
        if all(d.mended is not None for d in checked.defects if d.severity == "error"):
            assert again.usable
        compare_places(path, fixed)
    assert path.read_bytes() == sample.content
    assert {each.name for each in path.parent.iterdir()} <= allowed


def compare_places(before: Path, after: Path) -> None:
    """Require that what was moved remembers from where, read without siteplan."""
    then, now = list_places(before), list_places(after)
    assert len(now) == len(then) or not then
    for (there, _), (here, values) in zip(then, now, strict=False):
        if (
            there
            and here
            and max(abs(a - b) for a, b in zip(there, here, strict=True)) > MOVED_DEGREES
        ):
            text = values["original_coordinates"]
            kept = shapely.from_wkt(text) if "(" in text else None
            numbers = [float(part) for part in text.split(",")] if kept is None else None
            assert there == pytest.approx(numbers or shapely.get_coordinates(kept)[0].tolist())
            assert values["original_datum"]


def list_places(path: Path) -> list[tuple[list[float], dict[str, str]]]:
    """Return the first position of each feature as numbers, and its attributes."""
    if path.suffix.lower() == ".xlsx":
        return []
    if path.suffix.lower() == ".csv":
        text = path.read_bytes().decode("utf-8-sig")
        rows = list(csv.DictReader(text.splitlines()))
        lon, lat = ("经度", "纬度") if "经度" in rows[0] else ("lon", "lat")
        return [(parse([row.get(lon), row.get(lat)]), row) for row in rows]
    try:
        features = json.loads(path.read_bytes().decode("utf-8-sig"))["features"]
    except ValueError:
        return []
    return [(parse(find_position(f)), f.get("properties") or {}) for f in features]


def find_position(feature: dict[str, dict[str, object]]) -> object:
    value = (feature.get("geometry") or {}).get("coordinates")
    while isinstance(value, list) and value and isinstance(value[0], list):
        value = value[0]
    return value


def parse(position: object) -> list[float]:
    try:
        return [float(str(part)) for part in position[:2]] if isinstance(position, list) else []
    except ValueError:
        return []
