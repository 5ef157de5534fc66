"""The outside of a file, before anything parses its inside."""

import contextlib
import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.provenance.prescan import CHUNKS_MAX, Outside, PrescanError, prescan

LIMIT = 1 << 20


def chunk(name: bytes, content: bytes = b"") -> bytes:
    return struct.pack("<4sI", name, len(content)) + content + bytes(len(content) % 2)


def riff(*chunks: bytes, length: int | None = None) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(body) if length is None else length) + body


PLAIN = (chunk(b"fmt ", bytes(16)), chunk(b"data", bytes(100)))


def scan(raw: bytes) -> Outside:
    return prescan(io.BytesIO(raw), file_bytes_max=LIMIT)


def test_a_plain_file_is_what_it_is() -> None:
    raw = riff(*PLAIN)
    assert scan(raw) == Outside("wav", len(raw))
    assert scan(raw).media_type == "audio/wav"


def test_an_odd_chunk_is_padded() -> None:
    assert scan(riff(chunk(b"note", b"odd"), *PLAIN)).notes == ()


def test_the_last_padding_may_be_missing() -> None:
    raw = riff(*PLAIN, chunk(b"note", b"odd"))
    assert scan(raw[:-1]).notes == ("riff_size_mismatch",)


@pytest.mark.parametrize("length", [0, 4, 50, 2**32 - 1])
def test_a_wrong_length_is_a_note(length: int) -> None:
    assert scan(riff(*PLAIN, length=length)).notes == ("riff_size_mismatch",)


def test_as_many_chunks_as_allowed() -> None:
    extra = [chunk(b"junk")] * (CHUNKS_MAX - len(PLAIN))
    assert scan(riff(*PLAIN, *extra)).notes == ()
    with pytest.raises(PrescanError) as refused:
        scan(riff(*PLAIN, *extra, chunk(b"junk")))
    assert refused.value.state == "chunks_too_many"


def test_chunks_behind_the_end_are_not_walked() -> None:
    assert scan(riff(*PLAIN) + chunk(b"junk") * 1000).notes == ("riff_size_mismatch",)


@pytest.mark.parametrize(
    ("raw", "state"),
    [
        (b"", "file_empty"),
        (b"\0" * 100, "file_unknown"),
        (b"RIFF", "file_unknown"),
        (riff(*PLAIN)[:60], "file_malformed"),
        (
            riff(chunk(b"fmt ", bytes(16)), struct.pack("<4sI", b"data", 2**32 - 1)),
            "file_malformed",
        ),
        (riff(*PLAIN) + bytes(LIMIT), "file_too_large"),
    ],
)
def test_what_goes_no_further(raw: bytes, state: str) -> None:
    with pytest.raises(PrescanError) as refused:
        scan(raw)
    assert refused.value.state == state


@pytest.mark.parametrize(
    ("head", "container"), [(b"RF64\xff\xff\xff\xffWAVE", "rf64"), (b"OggS\0\2", "ogg")]
)
def test_audio_that_can_carry_no_manifest_has_no_media_type(head: bytes, container: str) -> None:
    assert (scan(head).container, scan(head).media_type) == (container, None)


class _Counting(io.BytesIO):
    reads = 0

    def read(self, size: int | None = -1) -> bytes:
        self.reads += 1
        return super().read(size)


def test_a_million_chunks_cost_no_more_than_sixty_five() -> None:
    file = _Counting(riff(*PLAIN, chunk(b"junk") * 1_000_000))
    with pytest.raises(PrescanError):
        prescan(file, file_bytes_max=2**31)
    assert file.reads <= CHUNKS_MAX + 3


@given(st.binary(max_size=300), st.sampled_from([b"", b"RIFF\xff\0\0\0WAVE", b"ID3\4\0\0"]))
def test_no_bytes_do_more_than_raise(noise: bytes, head: bytes) -> None:
    with contextlib.suppress(PrescanError):
        scan(head + noise)
