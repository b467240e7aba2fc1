import subprocess
import sys
from pathlib import Path

import pytest
import town

from siteplan.errors import OutputExistsError
from siteplan.evaluate import evaluate
from siteplan.files import write_files
from siteplan.inputs.case import read_case
from siteplan.model import Evaluation
from siteplan.outputs.folder import MARKS, write_folder


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(read_case(town.write_town(tmp_path_factory.mktemp("town"))))


def test_every_file_bears_the_mark_by_which_it_is_known(
    evaluation: Evaluation, tmp_path: Path
) -> None:
    assert write_folder(evaluation, tmp_path / "maps", "zh") == tmp_path / "maps" / "index.html"
    for name, mark in MARKS.items():
        assert mark in (tmp_path / "maps" / name).read_bytes()[:1024]


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
