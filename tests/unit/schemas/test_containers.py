"""Containers are told by their first bytes."""

import io

import pytest

from schemas.containers import container_of

ID3 = b"ID3\x04\0\0\0\0\0\x05" + b"title"


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"RIFF\0\0\0\0WAVE", "wav"),
        (b"RF64\xff\xff\xff\xffWAVE", "rf64"),
        (b"BW64\xff\xff\xff\xffWAVE", "rf64"),
        (b"fLaC\0\0\0\x22", "flac"),
        (ID3 + b"fLaC\0\0\0\x22", "flac"),
        (ID3 + b"\xff\xfb\x94\x44", "mp3"),
        (b"ID3\x04\0\0\x7f\x7f\x7f\x7f", "mp3"),
        (b"\xff\xfb\x94\x44", "mp3"),
        (b"\0\0\0\x1cftypM4A ", "mp4"),
        (b"OggS\0\x02", "ogg"),
        (b"FORM\0\0\0\0AIFF", "aiff"),
        (b"FORM\0\0\0\0AIFC", "aiff"),
        (b"RIFF\0\0\0\0AVI ", None),
        (b"FORM\0\0\0\0ILBM", None),
        (b"\xff\xf1\x50\x80", None),  # AAC in ADTS: the layer bits are zero
        (b"\x89PNG\r\n\x1a\n", None),
        (b"R", None),
        (b"", None),
    ],
)
def test_container(head: bytes, container: str | None) -> None:
    file = io.BytesIO(head)
    file.seek(2)
    assert container_of(file) == container
    assert file.tell() == 0
