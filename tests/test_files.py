"""Files as bytes: encodings, hashes, unknown keys, and writing in one piece."""

import hashlib
import os
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small import fits_one_line

from siteplan import files
from siteplan.errors import InputError, OutputExistsError
from siteplan.files import (
    check_keys,
    clean_text,
    decode_text,
    describe_path,
    hash_file,
    lock_folder,
    read_text,
    read_toml,
    write_files,
)

MARK = b"<!-- siteplan -->"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_chinese_text_is_read_in_every_encoding_that_excel_saves(
    tmp_path: Path, encoding: str
) -> None:
    (tmp_path / "a.csv").write_bytes("街道,人口\n天园街,1\n".encode(encoding))
    assert read_text(tmp_path / "a.csv", "a.csv") == "街道,人口\n天园街,1\n"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_told_by_how_the_file_begins(encoding: str) -> None:
    assert decode_text('{"名称": "天园街"}'.encode(encoding), "a")[0] == '{"名称": "天园街"}'


@pytest.mark.parametrize(
    "content",
    [
        "Müller-Straße".encode("latin-1"),  # each of these has a reading as GB18030, in words
        "Café à côté".encode("cp1252"),  # that nobody wrote
        "社区综合服务中心".encode()[:-1] + b'"}',
        "天园街,冼村街".encode().replace(b"\xe5", b"\xc5", 1),
    ],
)
def test_a_guess_never_turns_a_name_into_other_words(content: bytes) -> None:
    with pytest.raises(InputError, match="is in none of UTF-8, UTF-16 and GB18030, or damaged at"):
        decode_text(b'{\n"name": "' + content + b'"}', "a.geojson")


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match=r"^a\.csv: the file is empty\. Export it again\.$"):
        read_text(tmp_path / "a.csv", "a.csv")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\x00\xff\x00\x81")
    with pytest.raises(InputError, match="in none of UTF-8"):
        read_text(tmp_path / "a.csv", "a.csv")


def test_a_folder_is_not_read_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^data: cannot be opened \(.+\)\. Check the path"):
        read_text(tmp_path, "data")


def test_broken_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[case]\nname = 天河区\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.toml: is not valid TOML .*line 2"):
        read_toml(tmp_path / "a.toml", "a.toml")


def test_a_byte_order_mark_before_toml_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("name = '天河区'", encoding="utf-8-sig")
    assert read_toml(tmp_path / "a.toml", "a.toml") == {"name": "天河区"}


def test_an_unknown_key_is_named_with_the_nearest_known_one() -> None:
    (defect,) = check_keys(["stadard"], ["standard", "name"], label="siteplan.toml", where="case")
    assert defect.say("en") == (
        "siteplan.toml: unknown key case.stadard. Perhaps standard is meant."
    )
    assert defect.field == "case.stadard"


def test_an_unknown_key_like_no_other_lists_the_known_ones() -> None:
    (defect,) = check_keys(["zzz"], ["name", "date"], label="siteplan.toml")
    assert defect.remedy.en == "Known keys: date, name"


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"code\n1\n")
    assert hash_file(tmp_path / "a.csv") == hashlib.sha256(b"code\n1\n").hexdigest()


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_the_hash_of_a_shapefile_covers_all_its_parts(tmp_path: Path, case: type[str]) -> None:
    for suffix in (".shp", ".dbf", ".shx", ".prj"):
        (tmp_path / f"a{case(suffix)}").write_bytes(suffix.encode())
    (tmp_path / "ab.dbf").write_bytes(b"another file")
    path = tmp_path / f"a{case('.shp')}"
    assert hash_file(path) == hashlib.sha256(b".dbf.prj.shp.shx").hexdigest()


def test_paths_are_told_from_the_case_with_forward_slashes(tmp_path: Path) -> None:
    assert describe_path(tmp_path / "data" / "roads.osm", tmp_path) == "data/roads.osm"
    assert describe_path(tmp_path / "osm" / "a.pbf", tmp_path / "case") == "../osm/a.pbf"


@given(st.text())
def test_cleaned_text_fits_one_line_and_holds_no_escape(text: str) -> None:
    cleaned = clean_text(text)
    assert fits_one_line(cleaned)
    assert len(cleaned) == len(text)


def test_files_are_written_whole_into_a_folder_that_is_made(tmp_path: Path) -> None:
    contents = {"a.html": MARK + b"1", "b.html": MARK + b"2"}
    write_files(tmp_path / "maps", contents, dict.fromkeys(contents, MARK))
    visible = {p.name: p.read_bytes() for p in (tmp_path / "maps").iterdir() if p.name[0] != "."}
    assert visible == contents


def test_our_own_file_is_replaced(tmp_path: Path) -> None:
    for content in (MARK + b"old", MARK + b"new"):
        write_files(tmp_path, {"a.html": content}, {"a.html": MARK})
    assert (tmp_path / "a.html").read_bytes() == MARK + b"new"


def test_a_file_of_somebody_else_stays_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_bytes(b"my notes")
    contents = {"a.html": MARK, "b.html": MARK}
    with pytest.raises(OutputExistsError, match=r"b\.html: exists and siteplan did not write it"):
        write_files(tmp_path, contents, dict.fromkeys(contents, MARK))
    assert (tmp_path / "b.html").read_bytes() == b"my notes"
    assert not (tmp_path / "a.html").exists()


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(MARK)
    (tmp_path / "a.html").symlink_to(tmp_path / "secret")
    with pytest.raises(OutputExistsError):
        write_files(tmp_path, {"a.html": b"x"}, {"a.html": MARK})
    assert (tmp_path / "secret").read_bytes() == MARK


def test_a_disk_that_fills_up_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"a.html": MARK + b"old"}, {"a.html": MARK})

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_files(tmp_path, {"a.html": MARK + b"new"}, {"a.html": MARK})
    assert (tmp_path / "a.html").read_bytes() == MARK + b"old"
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".siteplan-dead").mkdir()
    (tmp_path / ".siteplan-dead" / "a.html").write_bytes(b"half")
    write_files(tmp_path, {"a.html": MARK}, {"a.html": MARK})
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_a_file_where_the_folder_should_be_is_an_output_refused(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text("not a folder", encoding="utf-8")
    with (
        pytest.raises(OutputExistsError, match="cannot be written to"),
        lock_folder(tmp_path / "maps"),
    ):
        pass


def test_two_runs_do_not_write_into_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LOCK_WAIT_S", 0.05)
    refused: list[OutputExistsError] = []

    def run() -> None:
        try:
            with lock_folder(tmp_path):
                pass
        except OutputExistsError as error:
            refused.append(error)

    with lock_folder(tmp_path):
        other = threading.Thread(target=run)
        other.start()
        other.join()
    assert "another siteplan is writing here" in str(refused[0])
