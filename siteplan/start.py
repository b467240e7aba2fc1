"""Begin a case: an empty one from the files that planners already have, or the demo."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from siteplan.errors import Defect, DefectList, InputError, OutputExistsError, Text, join_names
from siteplan.files import BESIDE, SHAPEFILE_PARTS, check_keys, clean_text, name_safely
from siteplan.inputs.case import read_case
from siteplan.inputs.headers import NEEDED, find_candidates, refuse_multiples
from siteplan.inputs.reader import FOLDERS, ROADS_SUFFIXES, TABLES, CaseReader
from siteplan.inputs.settings import COLUMNS, DEFAULT_STANDARD, NAME, read_settings
from siteplan.inputs.tables import read_table
from siteplan.inputs.vector import FORMATS, POLYGONS, read_layer
from siteplan.standard import list_shipped, read_standard

ROLES = ("boundaries", "population", "roads")
STANDARD_NAME = "standard.toml"
SUFFIXES: Mapping[str, tuple[str, ...]] = {
    "boundaries": FORMATS,
    "population": (".csv",),
    "roads": ROADS_SUFFIXES,
}
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, slots=True)
class CasePlan:
    """What a case is to begin with.

    Attributes
    ----------
    name
        Its title.
    day
        The day judged for.
    standard
        Id of a standard that comes with siteplan, or a TOML file, which is copied.
    files
        Boundaries, population and roads, as far as there are any; they are copied.
    columns
        What the files call our columns, by role.
    """

    name: str
    day: date | None = None
    standard: str = DEFAULT_STANDARD
    files: Mapping[str, Path] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file that is to become part of a case.

    Attributes
    ----------
    label
        The file in messages.
    columns
        All it has.
    candidates
        Which of them may hold each of ours.
    """

    label: str
    columns: tuple[str, ...]
    candidates: Mapping[str, tuple[str, ...]]


def read_header(path: Path, role: str) -> Header:
    """Read which columns boundaries or a table of population have.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    label = path.name
    _find_suffix(path, role)
    if role == "boundaries":
        columns = read_layer(path, label, kinds=POLYGONS).columns
    else:
        columns = [name for name in read_table(path, label)[0][1] if name]
    return Header(label, tuple(columns), find_candidates(columns, role))


def require_needed(header: Header, role: str, columns: Mapping[str, str]) -> None:
    """Refuse a file that lacks a column, and one whose residents are not counted one by one.

    Raises
    ------
    InputError
        Naming the columns that it has, or the one that is in another unit.
    """
    if "population" in columns:
        refuse_multiples([columns["population"]], header.label)
    elif role == "population":
        refuse_multiples(header.columns, header.label)
    held = join_names(header.columns, most=12)
    remedy = Text(
        f"现有的列：{held.zh}；请用 --column {role}.键=列名 指明",
        f"It has {held.en}; say which with --column {role}.KEY=NAME",
    )
    missing = [name for name in columns.values() if name not in header.columns]
    missing += [key for key in NEEDED[role] if key not in columns]
    if missing:
        raise InputError(
            *(
                Defect(header.label, Text(f"没有列 {n}", f"has no column {n}"), remedy, "fields")
                for n in missing
            )
        )


def require_standard(standard: str) -> None:
    """Refuse a standard that is neither shipped nor a file that can be used.

    Raises
    ------
    InputError
        With what is wrong with it.
    """
    if standard not in list_shipped():
        read_standard(standard, Path())


def parse_columns(
    words: Iterable[str], roles: Sequence[str] = tuple(NEEDED)
) -> dict[str, dict[str, str]]:
    """Read columns as they are given on the command line, `ROLE.KEY=NAME`.

    Raises
    ------
    InputError
        For each that is written otherwise, or names no role or key that there is.

    Examples
    --------
    >>> parse_columns(["boundaries.code=乡镇码"])
    {'boundaries': {'code': '乡镇码'}}
    """
    defects, columns = DefectList(), dict[str, dict[str, str]]()
    for word in words:
        place, _, name = word.partition("=")
        role, _, key = place.partition(".")
        if not name.strip() or role not in roles:
            problem = Text(f"--column 为 {word!r}", f"--column is {word!r}")
            example = f"{roles[0]}.code"
            remedy = Text(f"请写 {example}=列名", f"Write it as {example}=NAME")
            defects.append(Defect("", problem, remedy, "fields", field="column"))
            continue
        defects += check_keys([key], COLUMNS[role], label="--column", where=role)
        columns.setdefault(role, {})[key] = name.strip()
    defects.raise_errors()
    return columns


def make_case(folder: Path, plan: CasePlan) -> tuple[Text, ...]:
    """Write a case whole, or nothing; return what it still lacks to be judged.

    Files are copied. What is given must be usable: it is read as the case reads it.

    Parameters
    ----------
    folder
        Where; made if it is missing, and empty otherwise.
    plan
        What the case begins with.

    Raises
    ------
    InputError
        If a file that is given cannot be used.
    OutputExistsError
        If the folder holds anything, or cannot be written to.
    """
    with _fill_folder(folder) as made:
        settings = _copy_files(made, plan)
        (made / NAME).write_text(settings, encoding="utf-8", newline="\n")
        try:
            return _find_missing(made)
        except InputError as error:
            names = {target: plan.files[role].name for role, target in _name_targets(plan)}
            raise InputError(
                *(replace(one, path=names.get(one.path, one.path)) for one in error.defects)
            ) from error


def copy_demo(folder: Path) -> None:
    """Copy the demo case.

    Raises
    ------
    OutputExistsError
        If the folder holds anything, or cannot be written to.
    InputError
        If the demo did not come with this siteplan.
    """
    source = find_demo()
    with _fill_folder(folder) as made:
        for name in (NAME, STANDARD_NAME):
            shutil.copyfile(source / name, made / name)
        for path in sorted((source / "data").rglob("*")):
            inside = path.relative_to(source)
            hidden = any(part.startswith(".") for part in inside.parts)
            decided = inside.as_posix() == TABLES["reviews"]  # of whoever tried it before
            if path.is_file() and not hidden and not decided:
                (made / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, made / inside)


def find_demo() -> Path:
    """Return where the demo case lies: in the package, or at the root of the repository.

    Raises
    ------
    InputError
        If it did not come with this siteplan.
    """
    package = Path(__file__).parent
    for place in (package / "demo", package.parent):
        if (place / STANDARD_NAME).is_file() and (place / FOLDERS["boundaries"]).is_dir():
            return place
    problem = Text("没有随附演示案例", "the demo did not come with this siteplan")
    raise InputError(Defect("", problem, Text("请重新安装 siteplan", "Install siteplan again")))


def write_settings(plan: CasePlan) -> str:
    """Return the text of `siteplan.toml`; columns that have our names are left out."""
    lines = ["[case]", f"name = {quote_toml(clean_text(plan.name))}"]
    if plan.day is not None:
        lines.append(f"date = {plan.day.isoformat()}")
    lines.append(f"standard = {quote_toml(plan.standard)}")
    for role, columns in plan.columns.items():
        others = {ours: theirs for ours, theirs in columns.items() if ours != theirs}
        if others:
            lines += ["", f"[columns.{role}]"]
            lines += [f"{ours} = {quote_toml(theirs)}" for ours, theirs in others.items()]
    return "\n".join(lines) + "\n"


def quote_toml(text: str) -> str:
    r"""Write text as TOML can hold it on one line (TOML 1.0, basic strings).

    Examples
    --------
    >>> print(quote_toml('街道 "A"'))
    "街道 \"A\""
    """

    def escape(character: str) -> str:
        if character in ESCAPES:
            return ESCAPES[character]
        return character if character.isprintable() else _escape_number(character)

    return f'"{"".join(map(escape, text))}"'


def _escape_number(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004


def _copy_files(made: Path, plan: CasePlan) -> str:
    """Copy what is given into place; return the text of the settings that fit."""
    (made / FOLDERS["proposals"]).mkdir(parents=True)
    (made / FOLDERS["boundaries"]).mkdir()
    for role, target in _name_targets(plan):
        _copy(plan.files[role], made / target)
    standard = plan.standard
    if standard not in list_shipped():
        read_standard(standard, Path())
        _copy(Path(standard), made / STANDARD_NAME)
        standard = STANDARD_NAME
    return write_settings(CasePlan(plan.name, plan.day, standard, columns=dict(plan.columns)))


def _name_targets(plan: CasePlan) -> Iterator[tuple[str, str]]:
    """Yield each role that has a file, and where in the case that goes.

    Raises
    ------
    InputError
        If the file is in none of the formats of the role.
    """
    for role in (role for role in ROLES if role in plan.files):
        name = plan.files[role].name
        suffix = _find_suffix(plan.files[role], role)
        stem = name_safely(name[: len(name) - len(suffix)].lstrip(".~$"))
        yield (
            role,
            {
                "boundaries": f"{FOLDERS['boundaries']}/{stem}{suffix}",
                "population": TABLES["population"],
                "roads": f"data/roads{suffix}",
            }[role],
        )


def _copy(source: Path, target: Path) -> None:
    """Copy a file, of a Shapefile all its parts.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    parts = [source]
    if source.suffix.lower() == ".shp":
        beside = source.resolve().parent.iterdir()
        parts = [one for one in beside if one.stem == source.stem]
        parts = [one for one in parts if one.suffix.lower() in SHAPEFILE_PARTS]
    try:
        for part in parts:
            place = target if part == source else target.with_suffix(part.suffix.lower())
            shutil.copyfile(part, place)
    except OSError as error:
        problem = Text(f"文件打不开（{error.strerror}）", f"cannot be opened ({error.strerror})")
        remedy = Text("请检查路径和权限", "Check the path and the permissions")
        raise InputError(Defect(str(source), problem, remedy)) from error


def _find_suffix(path: Path, role: str) -> str:
    """Return how a file is named as one of a role.

    Raises
    ------
    InputError
        If it is in none of the formats of the role.
    """
    name = path.name.lower()
    suffix = max((s for s in SUFFIXES[role] if name.endswith(s)), key=len, default=None)
    if suffix is None:
        listed = ", ".join(SUFFIXES[role])
        problem = Text(
            f"{path.suffix} 文件不能用作 {role}", f"{path.suffix or 'this'} cannot be {role}"
        )
        remedy = Text(f"请另存为 {listed}", f"Save it as one of {listed}")
        raise InputError(Defect(path.name, problem, remedy))
    return suffix


def _find_missing(made: Path) -> tuple[Text, ...]:
    """Read a case as far as it goes; return what it lacks to be judged.

    Raises
    ------
    InputError
        If what it has cannot be used.
    """
    settings = read_settings(made)
    reader = CaseReader(made, settings, [], DefectList())
    missing = []
    boundaries = None
    if reader.find_all("boundaries"):
        boundaries = reader.read_boundaries()
        reader.defects.raise_errors()
    else:
        place = FOLDERS["boundaries"]
        missing.append(
            Text(
                f"街道边界：请放入 {place}/（GeoJSON、GeoPackage 或 Shapefile）",
                f"subdistrict boundaries: put GeoJSON, GeoPackage or Shapefile into {place}/",
            )
        )
    counted = boundaries is not None and any(p is not None for p in boundaries.populations)
    if reader.find("population") is None and not counted:
        missing.append(
            Text(
                f"常住人口：请放入 {TABLES['population']}（列 code, population），或运行 siteplan"
                " data population",
                f"residents: put {TABLES['population']} there with columns code and population, or"
                " run siteplan data population",
            )
        )
    if not missing:
        read_case(made)
    return tuple(missing)


@contextmanager
def _fill_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill that takes the place of another, whole or not at all.

    Raises
    ------
    OutputExistsError
        If the other holds anything, or cannot be written to.
    """
    folder = folder.absolute()
    try:
        taken = folder.is_symlink() or (folder.exists() and not folder.is_dir())
        if taken or (folder.is_dir() and any(folder.iterdir())):
            problem = Text("文件夹不是空的", "is not an empty folder")
            remedy = Text("请用新的或空的文件夹", "Name a new or an empty folder")
            raise OutputExistsError(Defect(str(folder), problem, remedy))
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=BESIDE, dir=folder.parent) as beside:
            made = Path(beside) / "case"
            made.mkdir()
            yield made
            _move(made, folder)
    except OSError as error:
        problem = Text(f"无法写入（{error.strerror}）", f"cannot be written to ({error.strerror})")
        remedy = Text("请用别的文件夹", "Name another folder")
        raise OutputExistsError(Defect(str(folder), problem, remedy)) from error


def _move(made: Path, folder: Path) -> None:
    """Rename a folder into its place; an empty one that stands there stays and is filled.

    It may be where the shell stands, and must not be pulled away. Its settings come last.
    """
    if not folder.exists():
        made.rename(folder)
        return
    moved: list[Path] = []
    in_order = sorted(made.iterdir(), key=lambda path: (path.name == NAME, path.name))
    try:
        moved.extend(path.rename(folder / path.name) for path in in_order)
    except OSError:
        for path in moved:
            path.rename(made / path.name)
        raise
