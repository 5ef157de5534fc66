"""A file of notes: the last whole one counts, and what a crash cut short was never written."""

from pathlib import Path

import pytest

from ledger.storage import note_file
from ledger.storage.note_file import NoteFile, SpoiledError

ORIGIN = "ledger.example/2026"
NOTES = ("first\n\n— one\n", "second\n\n— two\n", "third, a longer one\n\n— three\n")


def written(path: Path, *notes: str) -> NoteFile:
    file = NoteFile(path)
    file.replace(ORIGIN, "")
    for note in notes:
        file.write(note)
    return file


def test_the_newest_note_is_read_by_whoever_opens_it(tmp_path: Path) -> None:
    file = written(tmp_path / "register")
    assert file.read() == (ORIGIN, "")
    for note in NOTES:
        file.write(note)
        assert file.read() == NoteFile(file.path).read() == (ORIGIN, note)


def test_cut_short_anywhere_the_note_before_counts_and_the_next_follows_it(tmp_path: Path) -> None:
    path = tmp_path / "register"
    written(path, *NOTES[:2])
    begin = path.stat().st_size
    NoteFile(path).write(NOTES[2])
    whole = path.read_bytes()
    for length in range(begin, len(whole)):
        path.write_bytes(whole[:length])
        assert NoteFile(path).read() == (ORIGIN, NOTES[1]), length
        after = NoteFile(path)
        after.write("after the crash\n")
        assert NoteFile(path).read() == (ORIGIN, "after the crash\n"), length


def test_what_another_process_has_written_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "register"
    one = written(path, NOTES[0])
    other = NoteFile(path)
    for note in NOTES:
        other.write(note)
        assert one.read() == (ORIGIN, note)
        one.write(note + "again")
        assert other.read() == (ORIGIN, note + "again")


def test_another_file_in_its_place_is_seen_though_the_first_is_kept_open(tmp_path: Path) -> None:
    path = tmp_path / "register"
    file = written(path, NOTES[0])
    older = path.read_bytes()
    file.write(NOTES[1])
    other = tmp_path / "other"
    other.write_bytes(older)
    other.replace(path)
    assert file.read() == (ORIGIN, NOTES[0])
    file.write(NOTES[2])
    assert file.read() == NoteFile(path).read() == (ORIGIN, NOTES[2])
    file.close()
    assert file.read() == (ORIGIN, NOTES[2])
    file.write(NOTES[0])
    assert NoteFile(path).read() == (ORIGIN, NOTES[0])
    path.unlink()
    with pytest.raises(OSError, match="register"):
        file.read()


def test_a_file_that_has_grown_long_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(note_file, "BYTES_MAX", 200)
    path = tmp_path / "register"
    file = written(path)
    for number in range(100):
        file.write(f"note {number}\n" * 3)
        assert NoteFile(path).read() == (ORIGIN, f"note {number}\n" * 3)
        assert path.stat().st_size < 300
    assert [found.name for found in tmp_path.iterdir()] == ["register"]


def test_one_of_the_former_form_is_read_and_then_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "register"
    path.write_bytes(f"linernotes register v1\n{ORIGIN}\n{NOTES[0]}".encode())
    assert NoteFile(path).read() == (ORIGIN, NOTES[0])
    NoteFile(path).write(NOTES[1])
    assert NoteFile(path).read() == (ORIGIN, NOTES[1])
    assert path.read_bytes().startswith(b"linernotes register v2\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"something else\nx\n",
        b"linernotes register v2\n",
        b"linernotes register v2\nledger.example/2026\nno length\n",
        b"linernotes register v2\nledger.example/2026\n12345678901\n",
        b"linernotes register v2\nledger.example/2026\n-1\nx",
        b"linernotes register v2\nledger.example/2026\n2\n\xff\xff",
        b"linernotes register v2\nledger.example/2026\n1\nx1\nx\0\0\0\0",
    ],
)
def test_anything_else_is_spoiled(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "register"
    path.write_bytes(content)
    with pytest.raises(SpoiledError):
        NoteFile(path).read()
