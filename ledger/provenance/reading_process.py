"""The guarded process that opens files from outside. The only file of the ledger that imports c2pa.

Forked by `ledger.provenance.reading_server` for one file: takes a request and the open file as a
descriptor, writes one line of JSON to standard output for each stage as soon as it is done
(`ready`, `file`, `manifest`, `frames`), so that a stage which ends the process takes no earlier
answer with it.
"""

import hashlib
import io
import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any, BinaryIO, Final

import c2pa
from cryptography.hazmat.primitives import hashes

from ledger.provenance.certificate import CertificateError, leaf_certificate
from ledger.provenance.prescan import PrescanError, prescan
from ledger.provenance.summary import summarize, text
from schemas.jumbf import JumbfError, active_manifest

OUTPUT_BYTES_MAX: Final = 4_194_304
"""What this process may write, everywhere: eight times our greatest assertion."""


def locked_settings(anchors: dict[str, str]) -> dict[str, Any]:
    """Return the library's settings: anchors (PEM by list URI), and no network whatever.

    c2pa takes unknown keys in silence: a test shows for each of these that it bites.
    """
    return {
        "version": 1,
        "trust": {
            "anchors": [
                {"trust_anchors": pem, "trust_uri": uri, "trust_kind": "manifest"}
                for uri, pem in anchors.items()
            ]
        },
        "core": {"allowed_network_hosts": []},
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
    }


def read(request: dict[str, Any]) -> None:
    """Read the file of one request, and answer in stages."""
    _limit(memory_bytes=request["memory_bytes"], cpu_s=request["cpu_s"])
    _emit("ready")
    with os.fdopen(request["descriptor"], "rb") as file:
        try:
            outside = prescan(file, file_bytes_max=request["file_bytes_max"])
        except PrescanError as error:
            _emit("file", state=error.state, detail=error.detail)
            return
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        _emit(
            "file",
            container=outside.container,
            file_bytes=outside.file_bytes,
            file_sha256=digest,
            notes=list(outside.notes),
        )
        _emit("manifest", **_manifest(file, outside.media_type, request))
        _emit("frames", **_frames(file))


def _limit(*, memory_bytes: int, cpu_s: int) -> None:
    """Bound what a hostile file can make us spend. Memory is address space, threads included."""
    bounds = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: OUTPUT_BYTES_MAX,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        hard = resource.getrlimit(kind)[1]  # whoever started us may have set a lower one
        limit = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        # At the hard limit of time comes SIGKILL, which says nothing; at the soft one SIGXCPU.
        last = limit + (kind == resource.RLIMIT_CPU and limit != hard)
        resource.setrlimit(kind, (limit, last))


def _emit(stage: str, **fields: Any) -> None:
    sys.stdout.write(json.dumps({"stage": stage, **fields}) + "\n")
    sys.stdout.flush()


def _manifest(file: BinaryIO, media_type: str | None, request: dict[str, Any]) -> dict[str, Any]:
    if media_type is None:
        return {"state": "container_unsupported"}
    file.seek(0)
    # Anchors that cannot be used are our fault and end this process; the file's faults do not.
    with c2pa.Context.from_dict(locked_settings(request["anchors"])) as context:
        try:
            with c2pa.Reader(media_type, file, context=context) as reader:
                return _describe(reader, request)
        except c2pa.C2paError as error:
            return _refused(error)


def _refused(error: Exception) -> dict[str, Any]:
    """Name what the library refused to read."""
    detail = text(str(error))
    if isinstance(error, c2pa.C2paError.ManifestNotFound):
        return {"state": "no_manifest"}
    if detail.startswith("Remote:"):
        return {"state": "manifest_elsewhere", "detail": detail}
    # The library has no kinds of error for these; only the text tells them apart (c2pa-rs 0.91.3).
    outside = ("asset could not be parsed", "NotSupported:", "Io:")
    malformed = "file_malformed" if any(t in detail for t in outside) else "manifest_malformed"
    return {"state": malformed, "detail": detail}


def _describe(reader: Any, request: dict[str, Any]) -> dict[str, Any]:
    try:
        store = json.loads(reader.json())
        found = summarize(store, label=request["label"], our_list=request["our_list"])
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        # A manifest of a shape that no honest one has: lists for maps, a thousand levels.
        return {"state": "manifest_malformed", "detail": type(error).__name__}
    found.update(_claim(reader, found))
    if len(json.dumps(found)) > OUTPUT_BYTES_MAX // 2:
        return {"state": "manifest_too_large", "urn": found["urn"]}
    return found


def _claim(reader: Any, found: dict[str, Any]) -> dict[str, Any]:
    """Add the claim's hash and the signer's certificate, out of the boxes that were verified.

    Both are left out where the boxes disagree with what the library says: then nothing that
    compares them can succeed.
    """
    signer = found.pop("signer")
    store = io.BytesIO()
    try:
        reader.resource_to_stream(f"self#jumbf=/c2pa/{found['urn']}", store)
        boxes = active_manifest(store.getvalue())
        certificate = leaf_certificate(boxes.signature)
    except (c2pa.C2paError, JumbfError, CertificateError):
        return {"signer": None, "claim_sha256": None}
    if boxes.urn != found["urn"] or str(certificate.serial_number) != signer["serial"]:
        return {"signer": None, "claim_sha256": None}
    return {
        "claim_sha256": hashlib.sha256(boxes.claim).hexdigest(),
        "signer": {
            **signer,
            "certificate_sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            "subject": text(certificate.subject.rfc4514_string()),
            "issuer": text(certificate.issuer.rfc4514_string()),
        },
    }


def _frames(file: BinaryIO) -> dict[str, Any]:
    try:
        # A manifest is read also where the library that decodes sound cannot be loaded.
        from ledger.provenance import frames  # noqa: PLC0415
    except ImportError:
        return {"frames": None, "frames_problem": "decoder_missing"}
    try:
        return {"frames": asdict(frames.hash_frames(file))}
    except frames.FramesError as error:
        return {"frames": None, "frames_problem": error.code}
