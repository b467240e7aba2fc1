import subprocess
import sys
from pathlib import Path

import pytest
import town

from siteplan.errors import OutputExistsError
from siteplan.evaluate import evaluate
from siteplan.files import Sweep, write_files
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.folder import MARKS, SUBDISTRICT_MARK, write_folder


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(town.write_town(tmp_path_factory.mktemp("town"))))


def test_every_file_bears_the_mark_by_which_it_is_known(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    assert write_folder(evaluation, tmp_path / "maps", "zh") == tmp_path / "maps" / "index.html"
    for name, mark in MARKS.items():
        assert mark in (tmp_path / "maps" / name).read_bytes()[:1024]


@pytest.fixture(scope="module")
def west(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    case = read_case(town.write_town(tmp_path_factory.mktemp("west")))
    return evaluate(case, subdistricts=[town.WEST])


def list_pages(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "subdistricts").iterdir())


def test_every_judged_subdistrict_has_a_page_with_the_mark(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    write_folder(evaluation, tmp_path, None)
    assert list_pages(tmp_path) == [f"{town.WEST}.html", f"{town.EAST}.html"]
    for path in (tmp_path / "subdistricts").iterdir():
        assert SUBDISTRICT_MARK in path.read_bytes()[:1024]


def test_page_of_a_former_run_goes_and_nobody_elses_file_is_touched(
    evaluation: Evaluation, west: Evaluation, tmp_path: Path
) -> None:
    write_folder(evaluation, tmp_path, None)
    form = b'<!DOCTYPE html>\n<meta charset="utf-8">\n<meta name="generator" content="siteplan">\n'
    (tmp_path / "subdistricts" / "form.html").write_bytes(form)
    (tmp_path / "subdistricts" / "notes.html").write_text("mine", encoding="utf-8")
    (tmp_path / "subdistricts" / "more").mkdir()
    write_folder(west, tmp_path, None)
    assert list_pages(tmp_path) == [f"{town.WEST}.html", "form.html", "more", "notes.html"]
    assert (tmp_path / "subdistricts" / "form.html").read_bytes() == form


def test_link_among_the_pages_is_neither_followed_nor_removed(
    west: Evaluation, tmp_path: Path
) -> None:
    page = b'content="siteplan">\n<meta name="siteplan-page" content="subdistrict">'
    (tmp_path / "kept.html").write_bytes(page)
    (tmp_path / "maps" / "subdistricts").mkdir(parents=True)
    (tmp_path / "maps" / "subdistricts" / "old.html").symlink_to(tmp_path / "kept.html")
    write_folder(west, tmp_path / "maps", None)
    assert (tmp_path / "maps" / "subdistricts" / "old.html").is_symlink()
    assert (tmp_path / "kept.html").read_bytes() == page


@pytest.mark.parametrize("kind", ["page", "folder", "link"])
def test_nothing_is_written_where_the_pages_cannot_go(
    evaluation: Evaluation, tmp_path: Path, kind: str
) -> None:
    maps, pages = tmp_path / "maps", tmp_path / "maps" / "subdistricts"
    maps.mkdir()
    if kind == "page":
        pages.mkdir()
        (pages / f"{town.EAST}.html").write_text("mine", encoding="utf-8")
    elif kind == "folder":
        pages.write_text("a file", encoding="utf-8")
    else:
        (tmp_path / "elsewhere").mkdir()
        pages.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputExistsError, match="subdistricts"):
        write_folder(evaluation, maps, None)
    assert [path.name for path in maps.iterdir() if path.name[0] != "."] == ["subdistricts"]
    assert kind != "link" or list((tmp_path / "elsewhere").iterdir()) == []


def test_overview_is_renamed_last_so_that_each_page_it_names_is_there(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    renamed = []
    replace = Path.replace

    def watch(self: Path, target: Path) -> Path:
        renamed.append(target.relative_to(tmp_path).as_posix())
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watch)
    write_folder(evaluation, tmp_path, None)
    assert renamed[-1] == "index.html"
    assert set(renamed) == {
        *MARKS,
        f"subdistricts/{town.WEST}.html",
        f"subdistricts/{town.EAST}.html",
    }


def test_sweep_of_a_folder_that_is_not_there_does_nothing(tmp_path: Path) -> None:
    write_files(tmp_path, {"a": b"mark"}, {"a": b"mark"}, Sweep("none", b"mark"))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", sorted(MARKS))
def test_nothing_is_written_where_one_file_is_somebody_elses(
    evaluation: Evaluation, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text("not ours", encoding="utf-8")
    with pytest.raises(OutputExistsError, match="did not write it"):
        write_folder(evaluation, tmp_path, None)
    assert [path.name for path in tmp_path.iterdir() if path.name[0] != "."] == [name]


def test_a_link_out_of_the_folder_is_not_followed(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "target.html").write_bytes(MARKS["index.html"])
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "index.html").symlink_to(tmp_path / "target.html")
    with pytest.raises(OutputExistsError):
        write_folder(evaluation, tmp_path / "maps", None)
    assert (tmp_path / "target.html").read_bytes() == MARKS["index.html"]


def test_a_folder_that_is_a_file_is_refused(evaluation: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputExistsError, match="--out"):
        write_folder(evaluation, tmp_path / "maps", None)


def test_a_writer_killed_at_any_moment_leaves_whole_files(tmp_path: Path) -> None:
    """Old or new, never a half: whoever looks finds one of the two contents."""
    old, new = b"mark" + b"o" * 3_000_000, b"mark" + b"n" * 3_000_000
    code = (
        "import sys; from pathlib import Path; from siteplan.files import write_files\n"
        "while True:\n"
        "    for letter in b'on':\n"
        "        content = b'mark' + bytes([letter]) * 3_000_000\n"
        "        write_files(Path(sys.argv[1]), {'a': content, 'b': content},"
        " {'a': b'mark', 'b': b'mark'})\n"
    )
    write_files(tmp_path, {"a": old, "b": old}, {"a": b"mark", "b": b"mark"})
    for pause_s in (0.5, 0.55, 0.6, 0.65, 0.7):
        writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(timeout=pause_s)
        writer.kill()
        writer.wait()
        assert all((tmp_path / name).read_bytes() in {old, new} for name in "ab")


def test_what_is_left_of_a_killed_writer_does_not_stop_the_next(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    (tmp_path / ".siteplan-killed").mkdir()
    (tmp_path / ".siteplan-killed" / "index.html").write_bytes(b"half")
    assert write_folder(evaluation, tmp_path, None).exists()
    assert not (tmp_path / ".siteplan-killed").exists()
