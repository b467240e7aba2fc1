"""Files as bytes: hashes, text of unknown encoding, keys with a typo, and writing in one piece."""

import codecs
import difflib
import hashlib
import os
import re
import shutil
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

from filelock import FileLock, Timeout

from siteplan.errors import Defect, InputError, OutputExistsError, Text

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UTF_16_STARTS = (
    (re.compile(rb"[^\0]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[^\0]\0[^\0]"), "utf-16-be"),
)
"""How ASCII text, as JSON and CSV begin, looks in UTF-16 without a mark."""
EVERYDAY_RATIO = 0.8
MOSTLY = 3  # times as many characters that follow an encoding as break it
SHAPEFILE_PARTS = (".cpg", ".dbf", ".prj", ".shp", ".shx")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
NUMBER_CELL = re.compile(r"[+-]?\d+(\.\d+)?\Z")  # no formula, whatever it begins with
CORRECTED, LOG_SUFFIX = ".fixed", ".log"
LOG_START = "siteplan check --fix"
LOG_HASH = re.compile(r"^(source|corrected)\t([0-9a-f]{64})\t", re.MULTILINE)
LOCK_NAME = ".siteplan.lock"
LOCK_WAIT_S = 60
MOST_NAME = 60  # characters of a code in a file name
BESIDE = ".siteplan-"  # begins the name of the folder in which files are made


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file; of a Shapefile, the one of its parts put together."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        siblings = [part for part in path.parent.iterdir() if part.stem == path.stem]
        parts = [part for part in siblings if part.suffix.lower() in SHAPEFILE_PARTS]
        parts.sort(key=lambda part: part.suffix.lower())
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def describe_path(path: Path, root: Path) -> str:
    """Return a path relative to the case, with forward slashes on every system."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # another drive on Windows
        return path.as_posix()


def read_bytes(path: Path, label: str) -> bytes:
    """Read a file that is not empty.

    Raises
    ------
    InputError
        If it cannot be opened, or holds nothing.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        problem = Text(f"文件打不开（{error.strerror}）", f"cannot be opened ({error.strerror})")
        remedy = Text("请检查路径和权限", "Check the path and the permissions")
        raise InputError(Defect(label, problem, remedy)) from error
    if not content.strip():
        problem = Text("文件是空的", "the file is empty")
        raise InputError(Defect(label, problem, Text("请重新导出", "Export it again")))
    return content


def refuse_doctype(content: bytes, label: str) -> None:
    """Refuse XML that declares a document type: entities in it could grow without end.

    Raises
    ------
    InputError
        If it does.
    """
    if b"<!DOCTYPE" in content.upper():
        problem = Text("含有文档类型声明", "declares a document type")
        raise InputError(Defect(label, problem, Text("请删去它", "Take it out")))


def read_text(path: Path, label: str) -> str:
    """Read text in UTF-8, UTF-16, or GB18030 (what Excel in Chinese saves).

    Raises
    ------
    InputError
        If it is empty or in none of these.
    """
    return decode_text(read_bytes(path, label), label)[0]


def decode_text(content: bytes, label: str) -> tuple[str, str]:
    """Return text and the name of its encoding: UTF-8, UTF-16, or GB18030.

    Nearly any bytes can be read as GB18030. They are taken for it only where most of what they
    would say are characters in everyday use, and where they are not UTF-8 with some damage: else a
    name would turn into other words.

    Raises
    ------
    InputError
        If the text is in none of these, with the line of the first byte that does not fit, or holds
        a NUL.
    """
    text, encoding = _decode(content, label)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        problem = Text(f"第 {line} 行含有空字符", f"holds a NUL at line {line}, which is no text")
        raise InputError(Defect(label, problem, Text("请重新导出", "Export it again")))
    return text, encoding


def _decode(content: bytes, label: str) -> tuple[str, str]:
    marked = [name for mark, name in BYTE_ORDER_MARKS if content.startswith(mark)]
    bare = [name for start, name in UTF_16_STARTS if start.match(content)]
    for encoding in marked or bare or ["utf-8"]:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding), encoding
    if not (marked or bare) and not _is_damaged_utf8(content):
        with suppress(UnicodeDecodeError):
            text = content.decode("gb18030")
            if _is_everyday_chinese(text):
                return text, "gb18030"
    encoding = (marked or bare or ["utf-8"])[0]
    good = _count_good_bytes(content, encoding)
    line = content.count(b"\n", 0, good) + 1
    problem = Text(
        f"第 {line} 行的文字编码无法识别，不是 UTF-8、UTF-16 或 GB18030",
        f"the text is in none of UTF-8, UTF-16 and GB18030, or damaged at line {line}",
    )
    remedy = Text("请另存为 UTF-8", "Save it as UTF-8")
    raise InputError(Defect(label, problem, remedy))


def _count_good_bytes(content: bytes, encoding: str) -> int:
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return len(content)


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether far more of the bytes beyond ASCII follow UTF-8 than break it."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - broken >= MOSTLY * broken


def _is_everyday_chinese(text: str) -> bool:
    """Whether nearly all characters beyond ASCII are among the 7,445 of GB 2312.

    Of a text in Big5 about half would be.
    """
    beyond = [character for character in text if not character.isascii()]
    everyday = len("".join(beyond).encode("gb2312", errors="ignore")) / 2
    return everyday >= EVERYDAY_RATIO * len(beyond)


def read_toml(path: Path, label: str) -> dict[str, object]:
    """Read a TOML file.

    Raises
    ------
    InputError
        If it is not TOML, with the line and column.
    """
    try:
        return tomllib.loads(read_bytes(path, label).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = Text(f"不是有效的 TOML（{error}）", f"is not valid TOML ({error})")
        remedy = Text("请更正该行，保存为 UTF-8", "Correct that line and save as UTF-8")
        raise InputError(Defect(label, problem, remedy)) from error


def check_keys(
    given: Iterable[str], known: Iterable[str], *, label: str, where: str = ""
) -> list[Defect]:
    """List the keys nobody knows, each with the nearest known one."""
    known = sorted(known)
    defects = []
    for key in sorted(set(given) - set(known)):
        near = difflib.get_close_matches(key, known, n=1)
        choices = near or known
        field = f"{where}.{key}" if where else key
        problem = Text(f"不认识的键 {field}", f"unknown key {field}")
        listed = ", ".join(choices)
        remedy = (
            Text(f"可能应为 {listed}", f"Perhaps {listed} is meant")
            if near
            else Text(f"可用的键：{listed}", f"Known keys: {listed}")
        )
        defects.append(Defect(label, problem, remedy, stage="fields", field=field))
    return defects


def clean_text(text: str) -> str:
    r"""Make text from a file safe for one line of a terminal or a cell: no control characters.

    Blanks of every width stay: the full-width one stands in many Chinese names, and Python does not
    call it printable.

    Examples
    --------
    >>> clean_text("东\u3000街\x1b[2J")
    '东\u3000街�[2J'
    """
    return "".join(one if one.isprintable() or category(one) == "Zs" else "\ufffd" for one in text)


def defuse_cell(cell: object) -> object:
    """Make text safe for a cell of a table: no control characters, and nothing that is a formula.

    Examples
    --------
    >>> defuse_cell("=1+1"), defuse_cell("-1.5"), defuse_cell(-1)
    ("'=1+1", '-1.5', -1)
    """
    if not isinstance(cell, str) or NUMBER_CELL.match(cell):
        return cell
    text = "\n".join(clean_text(line) for line in cell.splitlines())
    return f"'{text}" if cell.startswith(FORMULA_STARTS) else text


@dataclass(frozen=True, slots=True)
class CorrectionLog:
    """What the log beside a corrected file says.

    Attributes
    ----------
    source, corrected
        SHA-256 of the file that was corrected, and of the one that was written.
    """

    source: str
    corrected: str


def name_corrected(source: Path) -> Path:
    """Return where the corrected copy of a file stands: NAME.fixed.EXT."""
    return source.with_name(f"{source.stem}{CORRECTED}{source.suffix}")


def find_original(corrected: Path) -> Path | None:
    """Return the file of which a corrected copy was made; None if it is no such copy."""
    stem = corrected.stem
    if not stem.endswith(CORRECTED):
        return None
    return corrected.with_name(f"{stem.removesuffix(CORRECTED)}{corrected.suffix}")


def name_log(source: Path) -> Path:
    """Return where the log of a correction stands: NAME.fixed.EXT.log."""
    corrected = name_corrected(source)
    return corrected.with_name(f"{corrected.name}{LOG_SUFFIX}")


def read_log(path: Path) -> CorrectionLog | None:
    """Read the log of a correction; None if there is none, or it is none."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return None
    hashes = dict(LOG_HASH.findall(text))
    if not text.startswith(LOG_START) or set(hashes) != {"source", "corrected"}:
        return None
    return CorrectionLog(**hashes)


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Make a folder and keep other runs of siteplan out of it meanwhile.

    Raises
    ------
    OutputExistsError
        If it cannot be made, or another run does not leave it in time.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_NAME, timeout=LOCK_WAIT_S)
        with lock:
            yield
    except Timeout as error:
        problem = Text("另一个 siteplan 正在写入", "another siteplan is writing here")
        remedy = Text("请等它结束", "Wait for it to end")
        raise OutputExistsError(Defect(str(folder), problem, remedy)) from error
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        problem = Text(f"无法写入（{error.strerror}）", f"cannot be written to ({error.strerror})")
        remedy = Text(
            "请检查文件夹的写入权限；命令有 --out 时也可指定别的文件夹",
            "See who may write there; where the command has --out, another folder will do",
        )
        raise OutputExistsError(Defect(str(folder), problem, remedy)) from error


@dataclass(frozen=True, slots=True)
class Sweep:
    """A folder within the one written to, whose files of a former run go where none replaces them.

    Attributes
    ----------
    folder
        Its name.
    mark
        What siteplan's own files there hold in their first kilobyte; no other file is touched.
    """

    folder: str
    mark: bytes


def write_files(
    folder: Path,
    contents: Mapping[str, bytes],
    marks: Mapping[str, bytes],
    sweep: Sweep | None = None,
) -> None:
    """Write files whole: all beside their place first, then each renamed into it.

    A reader finds the old file or the new one, never a half. A file that stands there already is
    replaced only if it begins as siteplan's own do. Files are renamed in the order given, and what
    is swept goes last: a file that names others, given after them, never names one that is missing.

    Parameters
    ----------
    folder
        Where; made if it is missing.
    contents
        Bytes by file name, which may lie in a folder of this one: `folder/name`.
    marks
        What siteplan's own file of that name holds in its first kilobyte; a workbook, in that of
        its properties.
    sweep
        Where to remove what a former run wrote and this one does not.

    Raises
    ------
    OutputExistsError
        If a file of that name is somebody else's; nothing is written then.
    """
    with lock_folder(folder):
        foreign = [name for name in contents if not _is_ours(folder / name, marks[name])]
        inner = sorted({parent for name in contents for parent in list_parents(name)})
        foreign += [name for name in inner if not _is_plain_folder(folder / name)]
        if foreign:
            problem = Text(
                "已有同名文件，不是 siteplan 写的", "exists and siteplan did not write it"
            )
            remedy = Text(
                "请移走它；命令有 --out 时也可指定别的文件夹",
                "Move it away; where the command has --out, another folder will do",
            )
            raise OutputExistsError(*(Defect(str(folder / f), problem, remedy) for f in foreign))
        for left in folder.glob(f"{BESIDE}*"):  # by a run that was killed: we hold the lock
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
        with tempfile.TemporaryDirectory(prefix=BESIDE, dir=folder) as beside:
            for name in inner:
                (Path(beside) / name).mkdir()
            for name, content in contents.items():
                with (Path(beside) / name).open("wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
            for name in inner:
                (folder / name).mkdir(exist_ok=True)
            for name in contents:
                (Path(beside) / name).replace(folder / name)
        if sweep is not None:
            _sweep_folder(folder, sweep, contents)


def list_parents(name: str) -> list[str]:
    """Return the folders that a file name leads through, the outermost first.

    Examples
    --------
    >>> list_parents("a/b/c.html"), list_parents("c.html")
    (['a', 'a/b'], [])
    """
    parts = name.split("/")[:-1]
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _is_plain_folder(path: Path) -> bool:
    """Whether a folder is there, or can be made: not a link that leads elsewhere."""
    return not path.is_symlink() and (path.is_dir() or not path.exists())


def _sweep_folder(folder: Path, sweep: Sweep, kept: Mapping[str, bytes]) -> None:
    if not (folder / sweep.folder).is_dir() or not _is_plain_folder(folder / sweep.folder):
        return
    names = {name.casefold() for name in kept}  # where a system does not tell them apart
    for path in sorted((folder / sweep.folder).iterdir()):
        stale = f"{sweep.folder}/{path.name}".casefold() not in names
        if stale and path.is_file() and _is_ours(path, sweep.mark):
            path.unlink()


def _is_ours(path: Path, mark: bytes) -> bool:
    if not path.exists():
        return not path.is_symlink()
    if path.is_symlink() or not path.is_file():
        return False
    if path.suffix == ".xlsx":
        return mark in _read_properties(path)
    with path.open("rb") as stream:
        return mark in stream.read(1024)


def _read_properties(path: Path) -> bytes:
    """Return what a workbook says of itself; nothing if it is none."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open("docProps/core.xml") as stream:
            return stream.read(1024)
    except (zipfile.BadZipFile, KeyError, zlib.error, RuntimeError):
        return b""


def name_safely(code: str) -> str:
    """Return a part of a file name for a code, whatever it holds: letters, digits, `-` and `_`.

    Examples
    --------
    >>> name_safely("440106012"), name_safely("../a")
    ('440106012', '___a-61b4c98b')
    """
    safe = re.sub(r"[^\w-]", "_", code)[:MOST_NAME]
    digest = hashlib.sha256(code.encode("utf-8", errors="replace")).hexdigest()[:8]
    return code if safe == code else f"{safe}-{digest}"
