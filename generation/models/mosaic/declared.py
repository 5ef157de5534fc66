"""What mosaic declares about itself, and what it refuses."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Final

from generation.models.mosaic import roles
from generation.synthesizer import CannotHonor, Capabilities, Reference, RenderRequest

MODEL: Final = "mosaic"
VERSION: Final = "1.0.0"
REFERENCES_MAX: Final = 64  # contracts.md section 1: an entry holds no more
DURATION_MS_MIN: Final = 2_000  # one bar at a quick tempo
DURATION_MS_MAX: Final = 300_000  # five minutes of stereo in memory, a few times over


@lru_cache(maxsize=1)
def capabilities() -> Capabilities:
    """Say what mosaic can do; the hash is of its code, as it has no weights."""
    return Capabilities(
        model=MODEL,
        version=VERSION,
        weights_sha256=_code_sha256(),
        roles=roles.ROLES,
        copying_roles=roles.COPYING_ROLES,
        uses=("song", "parameter"),
        parameters=roles.PARAMETERS,
        stem_parameters=roles.STEM_PARAMETERS,
        references_max=REFERENCES_MAX,
        exact_weights=True,
        deterministic=True,
        license="this project's own code; no weights",
        commercial_allowed=True,
        training="none",
        modules=("generator",),
        digital_source_type="http://cv.iptc.org/newscodes/digitalsourcetype/composite",
        duration_ms_min=DURATION_MS_MIN,
        duration_ms_max=DURATION_MS_MAX,
    )


def _code_sha256() -> str:
    """Hash the name and content of every file of this package, in the order of names."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content = path.read_bytes()
        digest.update(f"{path.name}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def validate(request: RenderRequest) -> None:
    """Raise `CannotHonor` for the first thing that mosaic cannot do exactly as asked."""
    if not DURATION_MS_MIN <= request.duration_ms <= DURATION_MS_MAX:
        message = f"{request.duration_ms} ms is not {DURATION_MS_MIN} to {DURATION_MS_MAX} ms."
        raise CannotHonor("duration_out_of_range", message)
    if not request.references:
        raise CannotHonor("no_references", "There is nothing to make the output of.")
    if len(request.references) > REFERENCES_MAX:
        message = f"{len(request.references)} references; at most {REFERENCES_MAX}."
        raise CannotHonor("too_many_references", message)
    if max(Counter(one.row for one in request.references).values()) > 1:
        raise CannotHonor("rows_not_unique", "Two references have the same row.")
    weights = [one.weight for one in request.references]
    if min(weights) <= 0 or sum(weights) != 1:
        raise CannotHonor("weights_not_normalized", "Weights are above zero and sum to one.")
    for one in request.references:
        _validate_row(one, request.duration_ms)


def _validate_row(one: Reference, duration_ms: int) -> None:
    """Check one reference: its use, role, parameters, stem, segment and interval."""
    declared = capabilities()
    where = f"row {one.row}"
    if one.use not in declared.uses:
        raise CannotHonor("use_not_offered", f"Level {one.use} is not offered ({where}).")
    if one.role not in declared.roles:
        raise CannotHonor("role_not_offered", f"Role {one.role} is not offered ({where}).")
    if one.use == "song" and one.parameters:
        raise CannotHonor("parameters_unexpected", f"Song level takes none ({where}).")
    if one.use == "parameter" and not one.parameters:
        raise CannotHonor("parameters_missing", f"Parameter level names some ({where}).")
    for name in one.parameters:
        if name not in declared.parameters:
            raise CannotHonor("parameter_not_offered", f"{name} is not offered ({where}).")
        if name in declared.stem_parameters and name != one.stem:
            raise CannotHonor("stem_missing", f"{name} needs the stem {name} ({where}).")
    until = one.source_until_ms
    if one.source_from_ms < 0 or (until is not None and until <= one.source_from_ms):
        raise CannotHonor("segment_empty", f"The segment holds nothing ({where}).")
    if one.output is not None and not 0 <= one.output[0] < one.output[1] <= duration_ms:
        raise CannotHonor("output_out_of_range", f"{one.output} is not in the output ({where}).")
