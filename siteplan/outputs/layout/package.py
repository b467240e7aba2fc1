"""The whole layout-plan package: one folder, and the same as a ZIP, ready to hand in.

What is in it, file by file, is listed in `manifest.json` with its hash, so that a third party can
make it again and compare.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from siteplan.errors import Defect, OutputExistsError, Text
from siteplan.files import BESIDE, lock_folder
from siteplan.model import Evaluation
from siteplan.outputs.layout.drawing import choose_drawing_target, write_drawing
from siteplan.outputs.layout.layers import list_layers
from siteplan.outputs.layout.moment import find_file_time
from siteplan.outputs.layout.pictures import Printed
from siteplan.outputs.layout.plates import Tell, write_plates
from siteplan.outputs.layout.quality import describe_quality, write_quality_pdf
from siteplan.outputs.layout.report_parts import list_versions
from siteplan.outputs.layout.report_pdf import write_report_pdf
from siteplan.outputs.layout.tables import write_tables
from siteplan.outputs.layout.target import Target, choose_target
from siteplan.outputs.layout.typesetting import list_fonts
from siteplan.outputs.layout.vectors import BY_CONTENT, write_vectors
from siteplan.outputs.results import describe_source, describe_text, write_json
from siteplan.standard import name_standard

FORMAT = "siteplan-layout/1"
MANIFEST, ARCHIVE, PLATES = "manifest.json", "layout.zip", "plates"
MARK = f'"format": "{FORMAT}"'
BLOCK_BYTES = 1 << 20
LEFT_BY_SYSTEMS = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
MOST_NAMED = 6  # files that stand in the way
FILE_MODE = 0o644 << 16  # as a ZIP keeps it: readable by everybody
KINDS: Mapping[str, Text] = {
    "layout.gpkg": Text("图层，QGIS 打开即有样式", "all layers, styled for QGIS"),
    "layout.qgz": Text("QGIS 工程", "QGIS project"),
    "layout.gdb": Text("FileGDB 图层", "all layers as FileGDB"),
    "layout.dxf": Text("CAD 图", "CAD drawing"),
    "shapefiles": Text("Shapefile 图层及字段对照表", "all layers as Shapefiles, and their fields"),
    "geojson": Text("GeoJSON 图层", "all layers as GeoJSON"),
    "tables.xlsx": Text("表格", "tables"),
    "plates": Text("图纸", "plates"),
    "report.pdf": Text("文本", "text part"),
    "quality.json": Text("质量检查", "quality checks"),
    "quality.pdf": Text("质量检查", "quality checks"),
    "evaluation.json": Text("评估数据", "the evaluation as data"),
}
"""What lies in the package, by the first part of its path."""


@dataclass(frozen=True, slots=True)
class PackageChoice:
    """How a package is wanted.

    Attributes
    ----------
    crs
        As `choose_target` takes it; None for the working CRS.
    contacts
        Whether whom to ask about a site, and notes, are handed on.
    lang
        Language of what is printed; None prints both.
    standard
        The one asked for instead of the case's, an id or a file; None for the case's.
    settings
        SHA-256 of `siteplan.toml` and of the files of the standard, by name.
    """

    crs: str | None = None
    contacts: bool = False
    lang: Printed = None
    standard: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def write_package(evaluation: Evaluation, folder: Path, choice: PackageChoice, tell: Tell) -> Path:
    """Write the layout-plan package; return its folder.

    Everything is made beside its place and moved there at the end, so that nobody finds half of it.
    The ZIP lies beside the folder, under its name.

    Parameters
    ----------
    evaluation
        What to hand in.
    folder
        Of the package. One that siteplan wrote before is replaced as a whole.
    choice
        How it is wanted.
    tell
        Called with what is being done.

    Raises
    ------
    CrsError
        If the CRS does not suit the case.
    InputError
        If there is no font with Chinese characters.
    OutputExistsError
        If there is a folder or ZIP of that name that siteplan did not write; nothing is written.
    """
    target, folder = choose_target(choice.crs, evaluation.case.area), folder.resolve()
    archive = folder.with_name(f"{folder.name}.zip")
    with lock_folder(folder.parent):
        _refuse_foreign(folder, archive)
        for left in folder.parent.glob(f"{BESIDE}*"):  # by a run that was killed: we hold the lock
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
        with _make_beside(folder) as made:
            package, packed = made / "package", made / "package.zip"
            package.mkdir()
            _write_parts(evaluation, package, choice, tell)
            tell(Text("清单与压缩包", "manifest and ZIP"))
            manifest = describe_package(evaluation, package, choice, target)
            content = json.dumps(manifest, ensure_ascii=False, allow_nan=False, indent=1) + "\n"
            (package / MANIFEST).write_bytes(content.encode("utf-8", errors="replace"))
            write_archive(package, packed, find_file_time(evaluation.case))
            if folder.exists():
                shutil.move(folder, made / "former")
            package.replace(folder)
            packed.replace(archive)
    return folder


def _write_parts(evaluation: Evaluation, folder: Path, choice: PackageChoice, tell: Tell) -> None:
    """Write everything but the manifest."""
    _write_layers(evaluation, folder, choice, tell)
    tell(Text("写出表格", "writing tables"))
    (folder / "tables.xlsx").write_bytes(write_tables(evaluation, choice.crs))
    (folder / "evaluation.json").write_bytes(write_json(evaluation))
    quality = json.dumps(
        describe_quality(evaluation), ensure_ascii=False, allow_nan=False, indent=1
    )
    (folder / "quality.json").write_bytes(f"{quality}\n".encode(errors="replace"))
    (folder / PLATES).mkdir()
    write_plates(evaluation, folder / PLATES, choice.lang, tell, choice.crs)
    tell(Text("排印文本", "typesetting reports"))  # last: Typst keeps what it took for a long one
    (folder / "quality.pdf").write_bytes(write_quality_pdf(evaluation, choice.lang))
    report = write_report_pdf(evaluation, choice.lang, choice.crs)
    (folder / "report.pdf").write_bytes(report)


def _write_layers(evaluation: Evaluation, folder: Path, choice: PackageChoice, tell: Tell) -> None:
    """Write what is drawn from the layers, which are large and gone afterwards."""
    tell(Text("写出图层", "writing layers"))
    layers = list_layers(evaluation, choice.crs, contacts=choice.contacts)
    write_vectors(evaluation.case, layers, folder, choice.crs)
    tell(Text("写出 CAD 图", "writing the drawing"))
    (folder / "layout.dxf").write_bytes(write_drawing(evaluation, layers, choice.crs))


def describe_package(
    evaluation: Evaluation, folder: Path, choice: PackageChoice, target: Target
) -> dict[str, object]:
    """Return `manifest.json`, format `siteplan-layout/1`: what the package holds and comes from.

    Parameters
    ----------
    evaluation
        What was written.
    folder
        Of the package, complete but for the manifest.
    choice, target
        How it was wanted, and the CRS that became of it.
    """
    case = evaluation.case
    drawing = choose_drawing_target(choice.crs, case.area)
    codes = [one.subdistrict.code for one in evaluation.judgements]
    return {
        "format": FORMAT,
        "siteplan_version": version("siteplan"),
        "case": case.name,
        "date": case.date.isoformat() if case.date else None,
        "standard": case.standard.id,
        "subdistricts": {"judged": codes, "of": len(case.area.subdistricts)},
        "arguments": list_arguments(evaluation, choice),
        "made": find_file_time(case).isoformat(),
        "crs": {"code": target.crs, "name": target.name, "datum": describe_text(target.datum)},
        "drawing_crs": {"code": drawing.crs, "name": drawing.name},
        "working_crs": case.area.crs,
        "contacts": choice.contacts,
        "files": [_describe_file(folder, path) for path in list_files(folder)],
        "settings": [
            {"path": path, "sha256": sha256} for path, sha256 in sorted(choice.settings.items())
        ],
        "sources": [describe_source(source) for source in case.sources],
        "fonts": list_fonts(),
        "versions": list_versions(),
    }


def list_arguments(evaluation: Evaluation, choice: PackageChoice) -> list[str]:
    """Return what `siteplan layout CASE` is to be given to make the same package again.

    Without the folder, which changes no byte.
    """
    given = {
        "--crs": choice.crs,
        "--lang": choice.lang,
        "--standard": choice.standard and name_standard(choice.standard),
        "--distance": evaluation.method,
    }
    arguments = [part for name, value in given.items() if value for part in (name, value)]
    if choice.contacts:
        arguments.append("--contacts")
    if len(evaluation.judgements) < len(evaluation.case.area.subdistricts):
        for one in evaluation.judgements:
            arguments += ["--subdistrict", one.subdistrict.code]
    return arguments


def _describe_file(folder: Path, path: Path) -> dict[str, object]:
    name = path.relative_to(folder).as_posix()
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "path": name,
        "holds": describe_text(KINDS[name.split("/")[0]]),
        "bytes": path.stat().st_size,
        "sha256": digest,
        "compared_by": "content" if name.startswith(BY_CONTENT) else "bytes",
    }


def list_files(folder: Path) -> list[Path]:
    """Return all files of a folder, in order of their path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(files, key=lambda path: path.relative_to(folder).as_posix())


def write_archive(folder: Path, path: Path, moment: datetime) -> None:
    """Write a folder as ZIP, its files in order, each as of one moment."""
    when = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in list_files(folder):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), when)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, FILE_MODE
            entry.create_system = 3  # Unix, whatever this computer runs
            with file.open("rb") as source, archive.open(entry, "w") as to:
                shutil.copyfileobj(source, to, BLOCK_BYTES)


def _refuse_foreign(folder: Path, archive: Path) -> None:
    """Make sure that what stands where the package goes is an earlier package.

    Raises
    ------
    OutputExistsError
        With each that is not.
    """
    foreign = _list_foreign(folder)
    if archive.is_symlink() or (archive.exists() and not _is_archive(archive)):
        foreign.append(archive)
    if foreign:
        problem = Text("已存在，不是 siteplan 写的", "exists and siteplan did not write it")
        remedy = Text("请移走它，或用 --out 指定别处", "Move it away, or name --out elsewhere")
        raise OutputExistsError(*(Defect(str(path), problem, remedy) for path in foreign))


def _list_foreign(folder: Path) -> list[Path]:
    """Return what in a folder its own manifest does not list; the folder where it has none.

    What systems leave in every folder is nobody's.
    """
    if not folder.exists() and not folder.is_symlink():
        return []
    if folder.is_symlink() or not folder.is_dir():
        return [folder]
    found = [path for path in list_files(folder) if path.name.lower() not in LEFT_BY_SYSTEMS]
    manifest = folder / MANIFEST
    listed = _list_paths(manifest.read_bytes()) if manifest.is_file() else set()
    if found and not listed:
        return [folder]
    known = {MANIFEST, *listed}
    return [path for path in found if path.relative_to(folder).as_posix() not in known][:MOST_NAMED]


def _is_archive(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return bool(_list_paths(archive.read(MANIFEST)))
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError):
        return False


def _list_paths(manifest: bytes) -> set[str]:
    """Return the paths that a manifest lists; none where it is not one of ours."""
    try:
        read = json.loads(manifest)
        if read["format"] != FORMAT:
            return set()
        return {str(file["path"]) for file in read["files"]}
    except (ValueError, KeyError, TypeError):
        return set()


@contextmanager
def _make_beside(folder: Path) -> Iterator[Path]:
    """Make a folder beside another, and remove it and all that is left in it."""
    with tempfile.TemporaryDirectory(prefix=BESIDE, dir=folder.parent) as beside:
        yield Path(beside)
