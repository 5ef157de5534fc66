"""Bodies that are files: taken as a stream into a file of their own, which vanishes afterwards."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from service.api.bodies import media_type
from service.api.problems import DoorError

BUFFER_BYTES: Final = 1 << 20
"""Bytes gathered before a thread writes them."""

FORM: Final = "multipart/form-data"
FIELDS_MAX: Final = 8
"""Fields of a form beside its file."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A body in a temporary file: its path, its length, and the SHA-256 of its bytes, in hex."""

    path: Path
    size: int
    sha256: str


@asynccontextmanager
async def uploaded(request: Request, folder: Path) -> AsyncIterator[Upload]:
    """Give the body as a file in `folder`; when the block ends, the file is gone.

    The gate has bounded it. `storage_full` where it does not fit; nothing is left behind.
    """
    await run_in_threadpool(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".upload-") as file:
        try:
            buffer = bytearray()
            async for chunk in _chunks(request):
                buffer += chunk
                if len(buffer) >= BUFFER_BYTES:
                    size += await run_in_threadpool(_write, file, digest, bytes(buffer))
                    buffer.clear()
            size += await run_in_threadpool(_write, file, digest, bytes(buffer))
            file.flush()
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DoorError("storage_full") from error
            raise
        yield Upload(Path(file.name), size, digest.hexdigest())


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """Yield the body, or of a form the one file in it."""
    if media_type(request) != FORM:
        async for chunk in request.stream():
            yield chunk
        return
    async with request.form(max_files=1, max_fields=FIELDS_MAX) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise DoorError("request_invalid", "the form has no file", pointer="/file")
        while chunk := await file.read(BUFFER_BYTES):
            yield chunk


def _write(file: IO[bytes], digest: hashlib._Hash, block: bytes) -> int:
    digest.update(block)
    return file.write(block)
