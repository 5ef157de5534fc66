"""Files in whole or in part: one byte range (RFC 9110, section 14), digests (RFC 9530).

Players need ranges, or seeking breaks. Several ranges at once are not offered, and a field that is
not understood is passed over, as the standard allows: then the whole file is the answer.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from service.api.problems import DoorError

CHUNK_BYTES: Final = 1 << 18
"""How much of a file is read and sent at once."""

_RANGE: Final = re.compile(r"bytes=(?P<first>[0-9]{0,15})-(?P<last>[0-9]{0,15})")


def send_file(request: Request, path: Path, *, sha256: str, media_type: str) -> Response:
    """Return the file, or the range of it that was asked for.

    `Content-Digest` covers what is sent, `Repr-Digest` the whole. Raises `range_not_satisfiable`.
    """
    size = path.stat().st_size
    tag = f'"{sha256}"'
    digest = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=31536000, immutable",
        "ETag": tag,
        "Repr-Digest": digest,
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    wanted = _wanted(request, size, tag)
    first, end = wanted or (0, size)
    headers["Content-Length"] = str(end - first)
    if wanted is None:
        headers["Content-Digest"] = digest
    else:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    status = 200 if wanted is None else 206
    if request.scope.get("linernotes.is_head"):
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_read(path, first, end), status, headers, media_type)


def _wanted(request: Request, size: int, tag: str) -> tuple[int, int] | None:
    """Return [first, end) of the range that was asked for, or None for the whole."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or request.headers.get("if-range", tag) != tag:
        return None
    first, last = found["first"], found["last"]
    if not first and not last:
        return None
    begin = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if first and last and int(last) < begin:
        return None  # not a range at all (RFC 9110, section 14.1.2)
    if begin >= end:
        raise DoorError("range_not_satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return begin, end


def _read(path: Path, first: int, end: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        left = end - first
        while left and (block := file.read(min(CHUNK_BYTES, left))):
            left -= len(block)
            yield block
