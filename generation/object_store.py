"""Objects in an S3 bucket, by the few calls that content-addressed bytes need.

The one file that imports boto3: what is used of it, and what its errors mean here, stands below.
Every call has an end: time-outs on each connection, and a bounded number of tries.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from generation.artifacts import BLOCK_BYTES, ArtifactsUnavailableError

PART_BYTES: Final = 16 << 20
"""How much goes in one part of a large upload: held in memory once, as parts go one by one."""

WHOLE_BYTES_MAX: Final = 64 << 20
"""Beyond this a file is sent in parts, so that a broken connection costs one part."""

CONNECT_TIMEOUT_S: Final = 5
READ_TIMEOUT_S: Final = 30
TRIES_MAX: Final = 4
"""How long the store may be silent, and how often one request is sent in all."""

ABSENT: Final = frozenset({"404", "NoSuchKey", "NotFound"})
TAKEN: Final = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict"})
"""Error codes that mean: there is no such object; somebody has stored it, or does so now."""


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """Where objects are kept, and as whom they are asked for.

    Without `endpoint` it is the cloud of `region`; without `key_id` the credentials are those that
    the machine's own role gives.
    """

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    key_id: str | None = None
    secret: str | None = None


class Bucket:
    """Objects of one bucket under one prefix; raises `ArtifactsUnavailableError` and `KeyError`."""

    def __init__(
        self,
        place: BucketPlace,
        *,
        whole_bytes_max: int = WHOLE_BYTES_MAX,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._place = place
        self._whole_bytes_max = whole_bytes_max
        self._part_bytes = part_bytes
        with _translated():
            self._client = boto3.session.Session().client(
                "s3",
                endpoint_url=place.endpoint,
                region_name=place.region,
                aws_access_key_id=place.key_id,
                aws_secret_access_key=place.secret,
                config=Config(
                    connect_timeout=CONNECT_TIMEOUT_S,
                    read_timeout=READ_TIMEOUT_S,
                    retries={"total_max_attempts": TRIES_MAX, "mode": "standard"},
                    s3={"addressing_style": "path" if place.endpoint else "auto"},
                    # Our own SHA-256 goes with every upload; no second sum beside it.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                ),
            )

    def check(self) -> None:
        """Raise `ArtifactsUnavailableError` unless the bucket is there and lets us in."""
        with _translated():
            self._client.head_bucket(Bucket=self._place.bucket)

    def create(self, name: str, path: Path) -> bool:
        """Store a file under a name that nothing has yet; False if something has it.

        The server compares the content with its hash before it takes it, and the condition is the
        server's own: of two who store at once, one is told that the name is taken.
        """
        return self._put(name, path, {"IfNoneMatch": "*"})

    def replace(self, name: str, path: Path, *, tag: str) -> bool:
        """Store a file in place of the version `tag`; False if there is another by now."""
        return self._put(name, path, {"IfMatch": tag})

    def read(self, name: str, take: Callable[[bytes], object]) -> str:
        """Give an object's bytes to `take`, block by block; return its version's tag.

        Raises `KeyError` if there is no such object.
        """
        with _translated():
            try:
                found = self._client.get_object(**self._at(name))
            except ClientError as error:
                if _code(error) in ABSENT:
                    raise KeyError(name) from error
                raise
            for block in found["Body"].iter_chunks(BLOCK_BYTES):
                take(block)
            return str(found["ETag"])

    def _put(self, name: str, path: Path, condition: dict[str, str]) -> bool:
        with path.open("rb") as file, _translated():
            try:
                if path.stat().st_size <= self._whole_bytes_max:
                    whole = hashlib.file_digest(file, "sha256").digest()
                    file.seek(0)
                    self._client.put_object(
                        **self._at(name), Body=file, ChecksumSHA256=_b64(whole), **condition
                    )
                else:
                    self._put_parts(name, file, condition)
            except ClientError as error:
                if _code(error) in TAKEN:
                    return False
                raise
        return True

    def _put_parts(self, name: str, file: BinaryIO, condition: dict[str, str]) -> None:
        """Send a large file in parts; the name exists only when the last step has come through."""
        at = self._at(name)
        upload = self._client.create_multipart_upload(**at, ChecksumAlgorithm="SHA256")["UploadId"]
        try:
            parts: list[dict[str, Any]] = []
            while block := file.read(self._part_bytes):
                checksum = _b64(hashlib.sha256(block).digest())
                number = len(parts) + 1
                sent = self._client.upload_part(
                    **at, UploadId=upload, PartNumber=number, Body=block, ChecksumSHA256=checksum
                )
                parts.append(
                    {"PartNumber": number, "ETag": sent["ETag"], "ChecksumSHA256": checksum}
                )
            self._client.complete_multipart_upload(
                **at, UploadId=upload, MultipartUpload={"Parts": parts}, **condition
            )
        except BaseException:
            # If we die before this, the parts stay, unnamed: the bucket's own rule clears them.
            self._client.abort_multipart_upload(**at, UploadId=upload)
            raise

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._place.bucket, "Key": f"{self._place.prefix}{name[:2]}/{name}"}


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what boto3 raises into this project's own error: it may be better in a moment."""
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error, HTTPClientError) as error:
        raise ArtifactsUnavailableError(f"The object store did not serve us: {error}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
