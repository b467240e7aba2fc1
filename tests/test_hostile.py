"""Files that were made to break the check: none may, and none may be accepted that is wrong.

Files of the corpus are changed at random, as bytes and as JSON, tables and workbooks. Each changed
file is checked, corrected where that is offered, and read a second time without siteplan.

Here are a few hundred; this is how to try as many as there is time for, other ones each time:

    SITEPLAN_FUZZ=10000 SITEPLAN_FUZZ_SEED=1 pytest -s tests/test_hostile.py
"""

import csv
import io
import json
import math
import os
import random
import resource
import sys
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from click.testing import CliRunner
from corpus import (
    CELLS,
    CODES,
    COLUMNS,
    FOREIGN,
    HERE,
    SAMPLES,
    SOUTH,
    STEP,
    TABLE,
    TEXTS,
    WEST,
    make_book,
    nest,
    one,
    say,
    site,
    stand,
    write,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping
from small import fits_one_line

from siteplan.check import check_files
from siteplan.cli import main
from siteplan.errors import InputError, SiteplanError
from siteplan.inputs.limits import Limits
from siteplan.inputs.proposals import read_proposal
from siteplan.inputs.vector import POINTS, POLYGONS, scan_layer
from siteplan.inputs.xlsx import DAMAGE
from siteplan.model import CheckedFile, StudyArea, Subdistrict
from siteplan.outputs.checks import say_check, write_check
from siteplan.outputs.corrected import write_correction
from siteplan.schema import FIELDS, POSITION

COUNT = int(os.environ.get("SITEPLAN_FUZZ", "400"))
SEED = int(os.environ.get("SITEPLAN_FUZZ_SEED", "2010"))
SECONDS = 2.0
SLOW = 4  # times as slow as the machine on which two seconds are the promise
LARGE = 9_900_000 if COUNT > 1000 else 1_000_000  # bytes; the limit is 10 MB
MOST_BYTES = 1 << 30
LONGEST_LINE = 2_000
COMMAND_EVERY = 10
SHOWN = 20
AREA = StudyArea(
    tuple(
        Subdistrict(code, f"{code}街道", None, shapely.box(4e5, 2e6, 5e5, 3e6), 1.0)
        for code in CODES
    ),
    "EPSG:4547",
)
SEEDS = [sample for sample in SAMPLES if len(sample.content) < 50_000]
BY_SUFFIX = {
    suffix: [sample for sample in SEEDS if sample.name.lower().endswith(suffix)]
    for suffix in (".geojson", ".csv", ".xlsx")
}
WORDS: list[str] = [
    "", " ", "\u3000", "null", "nan", "N/A", "true", "0", "-1", "-0", "1e999", "1,200", "１２００",
    "1.2万", "900㎡", "900平方米", "113°18′18″", "S23°6′", "40421", "8/9/2010", "2010-08-31",
    "2010-02-30", "9999-12-31", "0000-00-00", "总部", "branch", "existing", "candidate", "模式一",
    "A", "B", "Z", "A街道", "440106012000", "高德", "百度", "gcj02", "养老、青少年", "EPSG:4547",
    "EPSG:99999", "EPSG:4326", "FeatureCollection", "Feature", "Point", "Polygon", "a" * 5000,
    "\ud800", "\ufeff", "²", "１", "٣", "½", "Ⅷ", "1_000", "0x10", "١٢٠٠", "1\u00a0200", "--5",
    *(text for _, text in TEXTS),
]  # fmt: skip
ENCODINGS = (
    "utf-16", "utf-16-le", "utf-16-be", "gb18030", "utf-8-sig", "big5", "latin-1", "shift_jis",
    "utf-32",
)  # fmt: skip
KEYS: list[str] = [
    *(name for f in (*FIELDS, *POSITION) for name in (f.key, f.label.zh, f.label.en)),
    "type", "features", "geometry", "properties", "coordinates", "crs", "geometries", "bbox", "x",
    "original_coordinates", "original_datum", "原坐标", "__proto__", "", "Name", "NAME ", "名称*",
]  # fmt: skip
NUMBERS: list[float] = [
    0, -0.0, 1, -1, 0.5, 3, 180, 180.0000001, -180, 90, 90.1, -90, 113.305, 23.105, 1e-320, 1e15,
    1e12, 1e308, -1e308, 2**63, 10**30, 40421, 20100831, 38_429_000, 2_556_000, 429_000, 13_525_000,
    float("nan"), float("inf"), -float("inf"),
]  # fmt: skip
HARMLESS: list[Any] = [
    None, "甲", "A", "lease", 900, 113.305, 23.105, "2010-08-31", "拟建", 1, 2, "养老",
]  # fmt: skip
SHAPES: list[Any] = [
    None, True, False, [], {}, [[]], [None], [{}], {"type": "Point"}, [113.305, 23.105],
    [23.105, 113.305], ["113.305", "23.105"], [113.305], [113.305, 23.105, 1], [1e11, 1e11],
    {"type": "Point", "coordinates": [0, 0]},
    {"type": "MultiPoint", "coordinates": [[113.3, 23.1]]},
    {"type": "Polygon", "coordinates": [[[113.3, 23.1], [113.31, 23.1], [113.31, 23.11]]]},
    {"type": "name", "properties": {"name": "EPSG:4547"}}, [["甲"]], {"name": {"name": "甲"}},
    json.loads(nest(40)), list(range(300)),
]  # fmt: skip


@dataclass
class Tally:
    """What became of the files."""

    verdicts: Counter[str] = field(default_factory=Counter)
    fixed: int = 0
    slowest: tuple[float, str] = (0.0, "")
    failures: list[str] = field(default_factory=list)

    def say(self) -> str:
        """Sum it up in a line."""
        peak_mb = measure_peak() / 1e6
        seconds, name = self.slowest
        return (
            f"{sum(self.verdicts.values())} inputs (seed {SEED}): {self.verdicts['refused']}"
            f" refused, {self.verdicts['accepted']} accepted, {self.fixed} corrected; slowest"
            f" {seconds:.2f} s ({name}); peak {peak_mb:.0f} MB; {len(self.failures)} failures"
        )


def measure_peak() -> int:
    """Return the most memory this process ever held, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


@pytest.fixture(scope="module")
def case(folder: Path) -> Path:
    """Make a case of four squares in a row, A to D from the west."""
    (folder / "case/data/boundaries").mkdir(parents=True)
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
    (folder / "case/data/boundaries/a.geojson").write_text(write(*squares), encoding="utf-8")
    return folder / "case"


# What must hold of every file


def judge(path: Path, case: Path | None) -> tuple[CheckedFile, float]:
    """Check a file and require all that must hold; return how many seconds the check took."""
    content = path.read_bytes()
    start = time.perf_counter()
    (checked,) = check_files([path], case)
    document = json.loads(write_check([checked]).decode("utf-8"), parse_constant=refuse_constant)
    spent = time.perf_counter() - start
    assert spent < SECONDS * SLOW, f"took {spent:.1f} s"
    (told,) = document["files"]
    assert told["usable"] == (not any(d["severity"] == "error" for d in told["defects"]))
    for defect in checked.defects:
        texts = [defect.message.zh, defect.message.en]
        texts += [defect.remedy.zh, defect.remedy.en] if defect.severity == "error" else []
        assert all(text.strip() for text in texts), defect
        assert defect.path == str(path), defect
    for lang in ("zh", "en"):
        lines = say_check([checked], lang).split("\n")
        assert len(lines) == len(checked.defects) + 1
        assert all(map(fits_one_line, lines)), "control characters"
        assert max(map(len, lines)) < LONGEST_LINE + len(str(path)), "an endless line"
    if any(d.stage == "read" and d.severity == "error" for d in checked.defects):
        with pytest.raises(InputError):
            read_again(path)
    if checked.usable:
        require_sound(path, content, checked)
    assert path.read_bytes() == content
    return checked, spent


def correct(path: Path, checked: CheckedFile, case: Path | None) -> bool:
    """Correct a file and require that nothing is left to correct."""
    if checked.correction is None:
        return False
    content = path.read_bytes()
    try:
        fixed = write_correction(checked, checked.correction, "en")
    except SiteplanError:
        return False
    assert path.read_bytes() == content
    again, _ = judge(fixed, case)
    left = [defect.say("en") for defect in again.defects if defect.mended is not None]
    assert left == [], "is left to correct"
    assert again.features == checked.features, "features got lost"
    return True


def read_again(path: Path) -> None:
    """Read a file as an evaluation does."""
    layer = scan_layer(path, "p", kinds=POINTS | POLYGONS, limits=Limits())
    read_proposal(layer, {}, AREA)


def refuse_constant(word: str) -> float:
    raise ValueError(word)


# A second reader: small, strict, and without a line of siteplan


def require_sound(path: Path, content: bytes, checked: CheckedFile) -> None:
    """Require of an accepted file that a strict reader finds a place for every feature."""
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        rows = read_book(content)
        count = rows if rows is None else len(rows)
    elif suffix == ".csv":
        count = len(read_rows(decode(content)))
    else:
        count = require_geojson(decode(content))
    assert count in {None, checked.features}, "features got lost"


def decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content[:2]:
        return content.decode("utf-16-be" if content[0] == 0 else "utf-16-le")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def require_geojson(text: str) -> int:
    def take(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len(dict(pairs)) == len(pairs), "a key stands twice"
        return dict(pairs)

    document = json.loads(text, parse_constant=refuse_constant, object_pairs_hook=take)
    assert document["type"] == "FeatureCollection"
    name = str((document.get("crs") or {"properties": {"name": ""}})["properties"]["name"])
    degrees = not name or any(code in name for code in ("CRS84", "4326", "4490"))
    for feature in document["features"]:
        assert feature["type"] == "Feature"
        geometry = feature["geometry"]
        depth = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}[geometry["type"]]
        places = list(list_positions(geometry["coordinates"], depth))
        assert places
        for place in places:
            assert all(type(number) in {int, float} and math.isfinite(number) for number in place)
            assert not degrees or (abs(place[0]) <= 180 and abs(place[1]) <= 90), "off the globe"
        assert any(number != 0 for place in places for number in place[:2]), "at (0, 0)"
        if depth:
            assert shapely.from_geojson(json.dumps(flatten(geometry))).is_valid
        require_attributes(feature["properties"])
    return len(document["features"])


def flatten(value: Any) -> Any:  # noqa: ANN401
    """Return geometry without its heights, which positions may have or not."""
    if isinstance(value, dict):
        return {key: flatten(value[key]) for key in value}
    if not isinstance(value, list):
        return value
    return value[:2] if value and type(value[0]) in {int, float} else [flatten(v) for v in value]


def list_positions(value: Any, depth: int) -> Iterator[list[float]]:  # noqa: ANN401
    assert isinstance(value, list)
    if depth == 0:
        assert len(value) >= 2
        yield value
    for part in value if depth else []:
        yield from list_positions(part, depth - 1)


def require_attributes(values: dict[str, Any]) -> None:
    folded = [
        (unicodedata.normalize("NFKC", key).strip().casefold().rstrip("*").strip(), value)
        for key, value in values.items()
    ]
    for names in (("name", "名称"), ("subdistrict", "街道")):
        given = [value for key, value in folded if key in names]
        told = [value for value in given if str(value).strip() and value is not None]
        assert told, f"has no {names[0]}"
        assert any(type(value) in {str, int, float} for value in told)
    for key in ("floor_area_m2", "office_area_m2"):
        value = values.get(key)
        if type(value) in {int, float}:
            assert value > 0
    for key in ("id", "address", "contact", "note", "status", "role", "premises"):
        assert type(values.get(key)) in {str, int, float, type(None)}, f"{key} is no text"


def read_rows(text: str) -> list[dict[str, str]]:
    assert "\0" not in text
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=find_separator(text)))
    header, *rows = [line for line in lines if any(cell.strip() for cell in line)]
    names = [unicodedata.normalize("NFKC", name).strip().casefold() for name in header]
    tables = [
        {name: cell.strip() for name, cell in zip(names, row, strict=False) if cell.strip()}
        for row in rows  # of columns called the same, one may be blank
    ]
    for row in tables:
        for prefixes, limit in (("lon", "lng", "经度"), 180), (("lat", "纬度"), 90):
            found = [value for name, value in row.items() if name.startswith(prefixes) and value]
            assert found, "has no place"
            assert abs(float(found[0])) <= limit
        assert [value for name, value in row.items() if name.startswith(("name", "名称")) and value]
    return tables


def find_separator(text: str) -> str:
    header = next(line for line in text.splitlines() if line.strip(" ,;\t"))
    return max(",;\t", key=header.count)


def read_book(content: bytes) -> list[tuple[Any, ...]] | None:
    """Return the rows below the header; None if openpyxl cannot say."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
        rows = [[row for row in sheet.iter_rows(values_only=True) if any(row)] for sheet in book]
    except DAMAGE:  # siteplan takes some that openpyxl does not
        return None
    filled = [sheet for sheet in rows if sheet]
    if len(filled) != 1:
        return None
    start = next((i for i, row in enumerate(filled[0]) if {"lon", "经度"} & set(row)), None)
    return None if start is None else filled[0][start + 1 :]


# How files are made


def make_hostile(rng: random.Random) -> tuple[str, bytes]:
    """Change one file of the corpus, or put two together."""
    suffix = rng.choice([".geojson"] * 6 + [".csv"] * 3 + [".xlsx"])
    seeds = BY_SUFFIX[suffix]
    seed = rng.choice(seeds if rng.random() < 0.3 else [each for each in seeds if each.usable])
    content = seed.content
    for _ in range(rng.choice([1, 1, 1, 1, 2, 4])):
        changes = [CHANGES[suffix]] * 5 + [change_bytes]
        content = rng.choice(changes)(content, rng)
    if rng.random() < 0.03:
        content = rng.choice(SEEDS).content
    return f"{rng.choice(['p', '申报', 'a b'])}{suffix}", content


def change_bytes(content: bytes, rng: random.Random) -> bytes:
    """Change bytes somewhere, whatever they mean."""
    start, end = sorted((rng.randrange(len(content) + 1), rng.randrange(len(content) + 1)))
    other = rng.choice(SEEDS).content
    word = rng.choice(WORDS).encode(errors="surrogatepass")
    made: bytes = rng.choice(
        [
            lambda: flip(content, rng),
            lambda: content[:start],
            lambda: content[start:],
            lambda: content[:start] + content[min(end, start + rng.randrange(1, 30)) :],
            lambda: content[:end] + content[start:],
            lambda: content[:start] + rng.randbytes(rng.randrange(1, 8)) + content[start:],
            lambda: content[:start] + word + content[end:],
            lambda: content[:start] + other[rng.randrange(len(other) + 1) :],
            lambda: content + other,
            lambda: content.decode(errors="replace").encode(
                rng.choice(ENCODINGS), errors="replace"
            ),
        ]
    )()
    return made


def flip(content: bytes, rng: random.Random) -> bytes:
    flipped = bytearray(content or b"\0")
    for _ in range(rng.choice([1, 1, 3, 10])):
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def pick_value(rng: random.Random) -> Any:  # noqa: ANN401
    pool: list[Any] = rng.choice([WORDS, NUMBERS, SHAPES, HARMLESS])
    return rng.choice(pool)


def change_json(content: bytes, rng: random.Random) -> bytes:
    """Change a node of the document somewhere."""
    try:
        document = json.loads(content.decode())
    except (ValueError, RecursionError):
        return change_bytes(content, rng)
    holders = list(list_holders(document))
    if not holders:
        return json.dumps(pick_value(rng)).encode()
    holder, key = rng.choice(holders)
    if rng.random() < 0.6:
        change_node(holder, key, rng)
    elif isinstance(holder, dict):
        value = holder.pop(key) if rng.random() < 0.5 else pick_value(rng)
        holder[rng.choice(KEYS)] = value
    elif rng.random() < 0.7:
        holder.insert(key, rng.choice([holder[key], pick_value(rng)]))
    else:
        rng.shuffle(holder)
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    if rng.random() < 0.1 and isinstance(key, str):
        name = json.dumps(key)
        text = text.replace(f"{name}:", f"{name}: {json.dumps(pick_value(rng))}, {name}:", 1)
    return text.encode(errors="surrogatepass")


def change_node(holder: Any, key: Any, rng: random.Random) -> None:  # noqa: ANN401
    """Put another value in place of one, or none."""
    value = holder[key]
    changed = [str(value), [value], {"a": value}, json.dumps(value), bool(value)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        changed = [-value, value * 1000, value + 360, value // 7]
    if rng.random() < 0.15:
        del holder[key]
    else:
        holder[key] = pick_value(rng) if rng.random() < 0.6 else rng.choice(changed)


def list_holders(root: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    """Yield every list or object of JSON with each of its keys."""
    level = [root]
    while level:
        for holder in level:
            if isinstance(holder, dict):
                yield from ((holder, key) for key in holder)
            elif isinstance(holder, list):
                yield from ((holder, index) for index in range(len(holder)))
        level = [
            inner
            for holder in level
            if isinstance(holder, list | dict)
            for inner in (holder.values() if isinstance(holder, dict) else holder)
        ]


def change_table(content: bytes, rng: random.Random) -> bytes:
    """Change a cell, a row, a column or the separator."""
    try:
        text = content.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text)))
    except (UnicodeDecodeError, csv.Error):
        return change_bytes(content, rng)
    rows = [row for row in rows if row] or [["name"]]
    row = rng.randrange(len(rows))
    cell = rng.randrange(len(rows[row]))
    separator = ","
    match rng.randrange(10):
        case 0 | 1 | 2:
            rows[row][cell] = say_cell(pick_value(rng))
        case 3:
            del rows[row][cell]
        case 4:
            rows[row].insert(cell, say_cell(pick_value(rng)))
        case 5:
            rows.insert(row, list(rows[row]))
        case 6:
            del rows[row]
        case 7:
            rows[0][rng.randrange(len(rows[0]))] = rng.choice(KEYS)
        case 8:
            name = rng.choice(KEYS)
            for number, each in enumerate(rows):
                each.append(say_cell(pick_value(rng)) if number else name)
        case _:
            separator = rng.choice(";\t|，")
    stream = io.StringIO(newline="")
    quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    csv.writer(stream, delimiter=separator, quoting=quoting).writerows(rows)
    return stream.getvalue().encode(errors="surrogatepass")


def say_cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def change_book(content: bytes, rng: random.Random) -> bytes:
    """Change a cell, or the text of one part of the package."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except DAMAGE:  # some are no packages
        return change_bytes(content, rng)
    if rng.random() < 0.5:
        cells = [list(CELLS) for _ in range(rng.randrange(1, 4))]
        header = list(COLUMNS)
        for _ in range(rng.randrange(1, 4)):
            value = pick_value(rng)
            plain = value if isinstance(value, str | int | float) else json.dumps(value)
            rng.choice(cells)[rng.randrange(len(CELLS))] = make_plain(plain)
        if rng.random() < 0.3:
            header[rng.randrange(len(header))] = rng.choice(KEYS)
        return make_book([header, *cells])
    name = rng.choice(list(parts))
    parts[name] = change_bytes(parts[name], rng)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    return stream.getvalue()


def make_plain(value: object) -> object:
    """Return a value that a cell can hold."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()[:32_000]
    return value if isinstance(value, int | float) and abs(value) < 1e300 else str(value)


CHANGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    ".geojson": change_json,
    ".csv": change_table,
    ".xlsx": change_book,
}


def test_no_changed_file_breaks_the_check_or_is_accepted_in_silence(
    folder: Path, case: Path
) -> None:
    rng, tally, before = random.Random(SEED), Tally(), measure_peak()  # noqa: S311
    for number in range(COUNT):
        name, content = make_hostile(rng)
        own = folder / f"{number}"
        own.mkdir()
        path = own / name
        path.write_bytes(content)
        placed = case if rng.random() < 0.3 else None
        try:
            checked, spent = judge(path, placed)
            tally.fixed += correct(path, checked, placed)
            if number % COMMAND_EVERY == 0:
                run_command(path, checked, placed)
        except BaseException as error:  # noqa: BLE001  # all are shown together
            tally.failures.append(f"{path}: {type(error).__name__}: {str(error)[:300]}")
            continue
        tally.slowest = max(tally.slowest, (spent, name))
        tally.verdicts["accepted" if checked.usable else "refused"] += 1
        for each in own.iterdir():
            each.unlink()
    print(f"\n{tally.say()}")  # noqa: T201  # the answer of the long form
    assert not tally.failures, "\n".join(tally.failures[:SHOWN])
    assert measure_peak() - before < MOST_BYTES
    assert min(tally.verdicts.values()) > COUNT / 20


def run_command(path: Path, checked: CheckedFile, case: Path | None) -> None:
    """Require that the command says what the library does."""
    place = ["--case", str(case)] if case else []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LANG", "zh_CN.UTF-8")
        for options in (["--json"], [], ["--strict", "--lang", "en"]):
            result = CliRunner().invoke(main, ["check", *options, *place, "--", str(path)])
            assert isinstance(result.exception, SystemExit | None), result.exception
            assert result.exit_code in {0, 1}
            assert result.stderr == ""
            if "--strict" not in options and not checked.usable:
                assert result.exit_code == 1


VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
        st.sampled_from(WORDS), st.sampled_from(NUMBERS),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=10,
)  # fmt: skip
PLACES = st.one_of(
    st.builds(lambda x, y: [x, y], st.floats(113.3, 113.34), st.floats(23.1, 23.11)),
    st.lists(st.sampled_from(NUMBERS), min_size=1, max_size=4),
    VALUES,
)
GEOMETRIES = st.one_of(
    st.fixed_dictionaries({"type": st.just("Point"), "coordinates": PLACES}),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["Polygon", "MultiPolygon", "MultiPoint", "LineString"]),
            "coordinates": st.one_of(
                st.lists(PLACES, max_size=6),
                st.lists(st.lists(PLACES, max_size=6), max_size=3),
                st.lists(st.lists(st.lists(PLACES, max_size=6), max_size=3), max_size=2),
            ),
        }
    ),
    VALUES,
)
ATTRIBUTES = st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), VALUES)
FEATURES = st.builds(
    lambda geometry, values: site(geometry, **{str(key): values[key] for key in values}),
    GEOMETRIES,
    ATTRIBUTES.map(lambda values: {key: values[key] for key in values if key != "geometry"}),
)


@settings(
    max_examples=max(60, COUNT // 20), suppress_health_check=list(HealthCheck), print_blob=True
)
@given(
    features=st.lists(st.one_of(FEATURES, VALUES), max_size=4),
    placed=st.booleans(),
    escaped=st.booleans(),
)
def test_no_collection_of_anything_breaks_the_check(
    folder: Path, case: Path, features: list[object], *, placed: bool, escaped: bool
) -> None:
    document = {"type": "FeatureCollection", "features": features}
    text = json.dumps(document, ensure_ascii=escaped)
    path = folder / "given/p.geojson"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode(errors="surrogatepass"))
    try:
        checked, _ = judge(path, case if placed else None)
        correct(path, checked, case if placed else None)
    finally:
        for each in path.parent.iterdir():
            each.unlink()


@pytest.mark.parametrize("depth", [*range(880, 1000, 4), 2000, 30_000])
def test_no_depth_breaks_the_check(folder: Path, depth: int) -> None:
    deep = nest(depth)
    objects = '{"a": ' * depth + "1" + "}" * depth
    for number, text in enumerate(
        (
            deep,
            say(f'"name": {deep}'),
            say(f'"cost_wan": {objects}'),
            say(f'"services": {deep}'),
            say(f'"extra": {objects}'),
            stand(deep),
            stand(f'{{"type": {deep}}}'),
            stand(f'{{"type": "Point", "coordinates": {deep}}}'),
            stand(f'{{"type": "Polygon", "coordinates": [[[{deep}, 1]]]}}'),
            one().replace('"features"', f'"crs": {deep}, "features"'),
            one().replace(
                '"features"', f'"crs": {{"properties": {{"name": {objects}}}}}, "features"'
            ),
            one().replace('"features"', f'"x": {deep}, "features"'),
        )
    ):
        path = folder / f"deep{depth}_{number}.geojson"
        path.write_text(text, encoding="utf-8")
        judge(path, None)


PIECES = [
    "[", "{", '"', "\\", ",", ":", "0", "-", " ", "\n", "\r", "\t", "a", "甲", "[1,],", "{},", "}",
    '{"a":1,},', '"",', '"a":1,', ",   ", '\\"', "null,", "[[],", "1e", '"\\', "]", ";", '""',
    "a,b\n", '"a""', '"a\n",', "\n\n,", "=1+1,", "°", "１", "/*", "\x1e", "\ufeff", "&lt;",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_no_repetition_takes_long(folder: Path, piece: str) -> None:
    before = measure_peak()
    many = piece * (LARGE // len(piece.encode()))
    start, end = say('"extra": HERE').split("HERE")
    texts = {
        "bare.geojson": many,
        "value.geojson": f"{start}[{many}1]{end}",
        "text.geojson": f'{start}"{many}"{end}',
        "features.geojson": '{"type": "FeatureCollection", "features": [' + many + "1]}",
        "bare.csv": many,
        "cells.csv": TABLE + many,
        "header.csv": many + "\n" + TABLE,
    }
    for name, text in texts.items():
        path = folder / f"many_{name}"
        path.write_bytes(text.encode())
        spent = time.perf_counter()
        checked = judge_lightly(path)
        spent = time.perf_counter() - spent
        path.unlink()
        assert spent < SECONDS * SLOW, f"{name} took {spent:.1f} s"
        assert checked.usable in {True, False}
    assert measure_peak() - before < MOST_BYTES


def judge_lightly(path: Path) -> CheckedFile:
    (checked,) = check_files([path])
    for lang in ("zh", "en"):
        assert say_check([checked], lang)
    write_check([checked])
    return checked


def test_foreign_bytes_under_any_name_are_refused(folder: Path) -> None:
    for name, content in FOREIGN:
        for suffix in (".geojson", ".json", ".csv", ".xlsx"):
            path = folder / f"foreign_{name}{suffix}"
            path.write_bytes(content)
            checked, _ = judge(path, None)
            assert not checked.usable


def test_the_second_reader_accepts_what_is_sound_and_refuses_what_is_not() -> None:
    assert require_geojson(one()) == 1
    for wrong in (one(name=None), write(site(None)), write(site({"type": "Point", "coordinates":
                  [200, 0]})), say('"name": "乙"'), one(note=math.nan)):  # fmt: skip
        with pytest.raises((AssertionError, ValueError, TypeError)):
            require_geojson(wrong)
    assert len(read_rows(TABLE)) == 1
    with pytest.raises((AssertionError, ValueError)):
        read_rows(TABLE.replace(str(HERE[0]), "x"))
