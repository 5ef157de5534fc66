"""Where artifacts are kept, by setting: a folder, or `s3://bucket/prefix`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.artifact_cache import CACHE_BYTES_MAX, ArtifactCache
from generation.artifacts import ArtifactFolder, Artifacts

S3_PLACE: Final = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w./-]*))?"
)
"""A bucket by the rules of its name, and a prefix without anything that a URL would quote."""

REGION_DEFAULT: Final = "us-east-1"
"""What S3-compatible servers of one's own take, if nobody says otherwise."""


class ArtifactPlaceError(ValueError):
    """The setting names no place where artifacts can be kept."""

    code: Final = "setting_invalid"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactSettings:
    """Where artifacts lie. `cache` holds verified local copies of what a bucket keeps.

    Without `key_id` the credentials are those of the machine's own role.
    """

    place: str | Path
    cache: Path
    cache_bytes_max: int = CACHE_BYTES_MAX
    endpoint: str | None = None
    region: str = REGION_DEFAULT
    key_id: str | None = None
    secret_file: Path | None = None


def open_artifacts(settings: ArtifactSettings) -> Artifacts:
    """Open the store that the settings name.

    Raises `ArtifactPlaceError` where they name none, and `ArtifactsUnavailableError` if the bucket
    does not answer or does not let us in: better at the start than at the first generation.
    """
    place = settings.place
    if isinstance(place, Path) or "://" not in place:
        return ArtifactFolder(Path(place))
    found = S3_PLACE.fullmatch(place)
    if found is None:
        raise ArtifactPlaceError(f"artifacts lie in a folder or at s3://bucket/prefix, not {place}")
    if (settings.key_id is None) != (settings.secret_file is None):
        raise ArtifactPlaceError("a key id and the file of its secret belong together")
    return _open_bucket(settings, found["bucket"], (found["prefix"] or "").strip("/"))


def _open_bucket(settings: ArtifactSettings, bucket: str, prefix: str) -> Artifacts:
    # Here, because boto3 takes a third of a second and who keeps a folder needs none of it.
    from generation.artifact_bucket import ArtifactBucket  # noqa: PLC0415 - see the line above
    from generation.object_store import Bucket, BucketPlace  # noqa: PLC0415 - likewise

    secret = settings.secret_file.read_text(encoding="utf-8") if settings.secret_file else None
    objects = Bucket(
        BucketPlace(
            bucket=bucket,
            prefix=f"{prefix}/" if prefix else "",
            endpoint=settings.endpoint,
            region=settings.region,
            key_id=settings.key_id,
            secret=secret.strip() if secret else None,
        )
    )
    objects.check()
    cache = ArtifactCache(settings.cache, bytes_max=settings.cache_bytes_max)
    return ArtifactBucket(objects, cache)
