"""Read the manifest of a file that may come from anyone, in a process of its own.

What a file can do at worst is end that process: memory, processor time, clock, output and network
are bounded there, and the pre-scan has looked at the outside first. Whatever happens has a name in
`states.State`; nothing raises because of what a file holds. POSIX only (resource limits).
"""

import json
import os
import signal
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, Final

from cryptography import x509

from ledger.provenance.model import ManifestReading
from ledger.provenance.reading_nursery import NURSERY, NurseryError
from ledger.provenance.states import OUR_LIST, State
from schemas.manifest import ASSERTION_LABEL, ReferencesAssertion, read_assertion
from schemas.refusals import Malformed

_TRIES: Final = 3  # what forks may have gone between two files
_OUTPUT_BYTES_MAX: Final = 8_388_608  # twice what the process may write by itself


CLOCK_PER_CPU: Final = 4
"""Seconds by the clock for one of a processor: as if four others had the same work to do."""


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost.

    Source: a signed WAV of ten minutes takes under a second and 150 MB; the rest is room for slow
    machines. Memory counts address space, of which native threads take more than they use.
    `timeout_s` are seconds of a processor; by the clock it may last `CLOCK_PER_CPU` times as long,
    since a busy machine is no file's fault, and a generation must not fail by it.
    """

    timeout_s: int = 30
    memory_bytes: int = 2 * 1024**3
    file_bytes_max: int = 2**31 - 1


DEFAULT_LIMITS: Final = Limits()
"""What reading one file may cost, unless the caller says otherwise."""


class ReaderUnavailableError(Exception):
    """The guarded process cannot start, or our anchors cannot be used: fatal, no file's fault."""


def read_manifest(
    path: Path,
    *,
    anchors_pem: str,
    other_anchors: Mapping[str, str] = MappingProxyType({}),
    label: str = ASSERTION_LABEL,
    limits: Limits = DEFAULT_LIMITS,
) -> ManifestReading:
    """Say what the file at `path` holds: two hashes, manifest, signer, our assertion, failures.

    `anchors_pem` are the roots of our own claim signers, `other_anchors` those of other trust lists
    (PEM by URI): who is signed under them is `trusted_elsewhere`, never `trusted`. `label` is that
    of our assertion. Raises `ReaderUnavailableError` alone.
    """
    anchors = {**other_anchors, OUR_LIST: anchors_pem}
    anchors = {uri: pem for uri, pem in anchors.items() if pem.strip()}
    _check_anchors(anchors)
    try:
        # Not blocking: a pipe in the file's place must not stop us from saying so.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        return ManifestReading(state="file_missing", detail=error.strerror or "")
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ManifestReading(state="file_missing", detail="not a regular file")
        request = {
            "label": label,
            "our_list": OUR_LIST,
            "anchors": anchors,
            "file_bytes_max": limits.file_bytes_max,
            "memory_bytes": limits.memory_bytes,
            "cpu_s": limits.timeout_s,
            "clock_s": CLOCK_PER_CPU * limits.timeout_s,
        }
        stages, ended = _run(request, descriptor)
    finally:
        os.close(descriptor)
    return _reading(stages, ended)


def _check_anchors(anchors: Mapping[str, str]) -> None:
    """Refuse anchors that the library would pass over in silence, trusting nobody."""
    for uri, pem in anchors.items():
        try:
            x509.load_pem_x509_certificates(pem.encode())
        except ValueError as error:
            raise ReaderUnavailableError(f"anchors cannot be read: {error} [{uri}]") from error


def _run(request: dict[str, Any], descriptor: int) -> tuple[dict[str, Any], State]:
    """Run the guarded process; return its stages by name, and what a missing one means."""
    said = ""
    for _ in range(_TRIES):
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            try:
                ended = NURSERY.read(request, descriptor, output, errors)
            except NurseryError as error:
                said = str(error)
                break
            if ended is not None and (ended.timed_out or ended.code == -signal.SIGXCPU):
                return _stages(output), "timed_out"
            if "ready" in (stages := _stages(output)):
                return stages, "reader_crashed"
            errors.seek(0)
            said = errors.read(_OUTPUT_BYTES_MAX)[-500:].decode(errors="replace").strip()
    raise ReaderUnavailableError(f"the reading process did not start: {said}")


def _stages(output: BinaryIO) -> dict[str, Any]:
    """Read the lines that arrived whole; what is cut off was not said."""
    output.seek(0)
    stages: dict[str, Any] = {}
    for line in output.read(_OUTPUT_BYTES_MAX).splitlines(keepends=True):
        try:
            fields = json.loads(line) if line.endswith(b"\n") else None
        except (ValueError, RecursionError):
            fields = None
        if isinstance(fields, dict) and isinstance(fields.get("stage"), str):
            stages[fields.pop("stage")] = fields
    return stages


def _reading(stages: dict[str, Any], ended: State) -> ManifestReading:
    """Put the stages together; the first missing one gets the code of how the process ended."""
    found = dict(stages.get("file", {"state": ended}))
    if "state" in found:
        return _read(found, ended)
    found.update(stages.get("manifest", {"state": ended}))
    found.update(stages.get("frames", {"frames_problem": ended}))
    if found.get("assertion_data") is not None:
        assertion, problem = _assertion(found["assertion_data"])
        found.update(assertion=assertion, assertion_problem=problem)
    found.pop("assertion_data", None)
    return _read(found, ended)


def _assertion(data: Any) -> tuple[dict[str, Any] | None, str | None]:
    try:
        assertion: ReferencesAssertion = read_assertion(data)
    except Malformed as error:
        return None, f"{error.code} at {error.pointer or '/'}"
    return assertion.data(), None


def _read(found: dict[str, Any], ended: State) -> ManifestReading:
    """Read what the process said as strictly as anything from outside."""
    try:
        return ManifestReading.read(found)
    except Malformed as error:
        return ManifestReading(state=ended, detail=f"{error.code} at {error.pointer}")
