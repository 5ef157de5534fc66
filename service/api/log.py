"""The log as tools written by others read it: checkpoint, tiles, bundles, proofs, receipts, keys.

Paths, media types and cache headers are those of C2SP tlog-tiles 0.1.0 and of SCRAPI
(draft-ietf-scitt-scrapi-11); see interop 25 to 28 and 40. Hashes are public. Entry bundles go to
every enrolled party, or to everybody where the operator says so, never to a chosen few.
"""

from __future__ import annotations

import gzip
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from ledger.evidence import texts
from ledger.evidence.consistency import Sizes, make_consistency
from ledger.evidence.hashing import HASH_BYTES
from ledger.evidence.nodes import TileHashes
from ledger.evidence.policy import Policy
from ledger.evidence.proof import make_proof
from ledger.evidence.receipt import Position, make_receipt
from ledger.evidence.tiles import TILE_HASHES, TilePath, encode_bundle, parse_path
from ledger.storage.contract import Reader
from schemas import canonical
from schemas.envelope import cbor
from service.api.bodies import COSE
from service.api.context import Context, Door, Known, Whoever, identity
from service.api.described import operation
from service.api.problems import DoorError
from service.api.shapes_evidence import LogGrowth
from service.api.waiting import POSITION_MAX, AtPosition, When, until_of
from service.witnessed import best, cosigned, newest

router: Final = APIRouter()

IMMUTABLE: Final = "max-age=31536000, immutable"
"""What can be cached for ever: a year is what caches take (RFC 8246)."""

OCTETS: Final = "application/octet-stream"
PLAIN: Final = "text/plain; charset=utf-8"
CBOR: Final = "application/cbor"
CBOR_PROBLEM: Final = "application/concise-problem-details+cbor"
"""Problems of the key set (RFC 9290)."""


@router.get(
    "/checkpoint", **operation("get_checkpoint", "log", "The newest checkpoint", media_type=PLAIN)
)
def get_checkpoint(door: Door) -> Response:
    """Return the log's newest signed note, with whatever cosignatures it has (tlog-checkpoint)."""
    with door.instance.store.snapshot() as reader:
        note = newest(reader).note
    return Response(note, headers={"Content-Type": PLAIN, "Cache-Control": "no-cache"})


@router.get(
    "/v1/checkpoint",
    **operation(
        "get_checkpoint_of", "log", "The checkpoint that commits to an answer", media_type=PLAIN
    ),
)
def get_checkpoint_of(when: When, door: Door) -> Response:
    """Return the signed checkpoint of the batch in which `as_of` was committed.

    It commits to everything that an answer with this `as_of` rests on; the newest without it.
    """
    if when.valid_at is not None:
        raise DoorError("request_invalid", "the log has one axis", pointer="/query/valid_at")
    with door.instance.store.snapshot() as reader:
        position = until_of(reader, when)
        found = reader.checkpoint_covering(position) if position else None
        if found is None:
            raise DoorError("position_unknown")
        note = cosigned(reader, found).note
    return Response(note, headers={"Content-Type": PLAIN, "Cache-Control": "no-cache"})


@router.get(
    "/tile/{path:path}",
    **operation("get_tile", "log", "A tile of hashes, or a bundle of entries", media_type=OCTETS),
)
def get_tile(path: str, request: Request, door: Door, who: Whoever) -> Response:
    """Return a tile, full or partial, or an entry bundle (C2SP tlog-tiles)."""
    named = parse_path(f"tile/{path}")
    if named.level is None and not door.public_bundles and who is None:
        identity(request)
    with door.instance.store.snapshot() as reader:
        raw = _bundle(reader, named) if named.level is None else _tile(reader, named)
    if named.level is not None:
        return Response(raw, media_type=OCTETS, headers={"Cache-Control": f"public, {IMMUTABLE}"})
    # A shared cache must not hand to everybody what is for parties.
    scope = "public" if door.public_bundles else "private"
    headers = {"Cache-Control": f"{scope}, {IMMUTABLE}", "Vary": "Accept-Encoding"}
    if takes_gzip(request.headers.get("accept-encoding", "")):
        headers["Content-Encoding"] = "gzip"
        raw = gzip.compress(raw, mtime=0)
    return Response(raw, media_type=OCTETS, headers=headers)


def takes_gzip(field: str) -> bool:
    """Tell whether an Accept-Encoding field takes gzip (RFC 9110, section 12.5.3)."""
    for part in field.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        if name == "gzip":
            return weight.strip("q=0.") != "" or not weight
    return False


def _tile(reader: Reader, named: TilePath) -> bytes:
    assert named.level is not None
    is_there = named.index < reader.bound
    raw = reader.read_tile(named.level, named.index, named.width) if is_there else b""
    if len(raw) != named.width * HASH_BYTES:
        raise DoorError("not_found", "the tree does not reach so far")
    return raw


def _bundle(reader: Reader, named: TilePath) -> bytes:
    begin = named.index * TILE_HASHES
    rows = reader.read_after(begin, named.width) if begin < reader.bound else []
    if len(rows) != named.width:
        raise DoorError("not_found", "the log does not reach so far")
    return encode_bundle([row.data for row in rows])


@router.get(
    "/v1/entries/{position}",
    dependencies=[Known],
    **operation("get_entry", "log", "An entry's own bytes, which are the leaf", media_type=COSE),
)
def get_entry(position: AtPosition, door: Door) -> Response:
    """Return the entry as it was signed and hashed (COSE_Sign1)."""
    with door.instance.store.snapshot() as reader:
        found = reader.entry(position)
    if found is None:
        raise DoorError("position_unknown")
    headers = {"Cache-Control": f"private, {IMMUTABLE}"}
    return Response(found.data, media_type=COSE, headers=headers)


@router.get(
    "/v1/entries/{position}/proof",
    **operation("get_proof", "log", "Proof that an entry is in the log", media_type=PLAIN),
)
def get_proof(position: AtPosition, door: Door) -> Response:
    """Return the C2SP tlog-proof of an entry, in the newest checkpoint that the witnesses signed.

    Until as many of them have signed as the policy asks for: in the newest one of all.
    """
    policy = door.instance.policy.current()
    with door.instance.store.snapshot() as reader:
        text = proof_text(reader, position, policy)
    return Response(text, headers={"Content-Type": PLAIN, "Cache-Control": "no-cache"})


@router.get(
    "/v1/entries/{position}/receipt",
    **operation("get_receipt", "log", "COSE receipt of an entry", media_type=COSE),
)
def get_receipt(position: AtPosition, door: Door) -> Response:
    """Return a COSE receipt (RFC 9942), which also signs where the entry stands."""
    with door.instance.store.snapshot() as reader:
        checkpoint = newest(reader)
        path = _path(reader, position, checkpoint.size)
    raw = make_receipt(
        door.instance.receipt_key(),
        origin=door.instance.facts.origin,
        position=Position(size=checkpoint.size, index=position - 1),
        path=path,
        root=checkpoint.root,
    )
    return Response(raw, media_type=COSE, headers={"Cache-Control": "no-cache"})


@router.get(
    "/v1/checkpoints/{size}/growth",
    **operation("get_growth", "log", "Proof that the log continues a checkpoint", shape=LogGrowth),
)
def get_growth(size: Annotated[int, Path(ge=1, le=POSITION_MAX)], door: Door) -> Response:
    """Return the newest checkpoint, and the proof that it continues the one of `size` entries.

    Whoever kept that one checks both offline: a log that was rewritten has no such proof.
    """
    with door.instance.store.snapshot() as reader:
        checkpoint = newest(reader)
        if size > checkpoint.size:
            raise DoorError("position_unknown")
        path = TileHashes(reader, checkpoint.size).consistency_path(size)
    found = {"checkpoint": checkpoint.note, "path": [texts.encode(one) for one in path]}
    return JSONResponse(found, headers={"Cache-Control": "no-cache"})


@router.get(
    "/v1/checkpoints/{size}/growth/receipt",
    **operation(
        "get_growth_receipt", "log", "COSE receipt that the log continues one", media_type=COSE
    ),
)
def get_growth_receipt(size: Annotated[int, Path(ge=1, le=POSITION_MAX)], door: Door) -> Response:
    """Return a COSE receipt of consistency (RFC 9942) from `size` entries to the newest.

    It also signs both sizes. Whoever kept the checkpoint of `size` entries checks it offline.
    """
    with door.instance.store.snapshot() as reader:
        checkpoint = newest(reader)
        if size > checkpoint.size:
            raise DoorError("position_unknown")
        path = TileHashes(reader, checkpoint.size).consistency_path(size)
    raw = make_consistency(
        door.instance.receipt_key(),
        origin=door.instance.facts.origin,
        sizes=Sizes(size, checkpoint.size),
        path=path,
        root=checkpoint.root,
    )
    return Response(raw, media_type=COSE, headers={"Cache-Control": "no-cache"})


@router.get(
    "/entries/{position}",
    **operation("resolve_receipt", "log", "Receipt, as SCRAPI resolves it", media_type=COSE),
)
def resolve_receipt(position: AtPosition, door: Door) -> Response:
    """Return the receipt of an entry, where the SCITT reference API looks for it.

    Our entries are signed statements of the ledger; there is no way to register others'.
    """
    return get_receipt(position, door)


def proof_text(reader: Reader, position: int, policy: Policy) -> str:
    """Return the tlog-proof of an entry in the best checkpoint; `position_unknown`."""
    checkpoint = best(reader, policy, covering=position)
    path = _path(reader, position, checkpoint.size)
    assert checkpoint.note is not None, "what is visible has an accepted note"
    return make_proof(index=position - 1, path=path, checkpoint=checkpoint.note)


def _path(reader: Reader, position: int, size: int) -> list[bytes]:
    if not 1 <= position <= size:
        raise DoorError("position_unknown")
    return TileHashes(reader, size).inclusion_path(position - 1)


@router.get(
    "/.well-known/scitt-keys",
    **operation("list_log_keys", "log", "The log's public keys as COSE_Keys", media_type=CBOR),
)
def list_log_keys(door: Door) -> Response:
    """Return the keys that sign entries, receipts and what is attested, as an array (RFC 9052).

    Also those that signed entries and receipts before they were replaced.
    """
    content = cbor.encode([_cose_key(kid, public) for kid, public in _keys(door).items()])
    return Response(content, media_type=CBOR, headers={"Cache-Control": "no-cache"})


@router.get(
    "/.well-known/scitt-keys/{kid}",
    **operation("get_log_key", "log", "One of the log's public keys", media_type=CBOR),
)
def get_log_key(kid: str, door: Door) -> Response:
    """Return one key by its id, written as it is or in base64url without padding."""
    for name, public in _keys(door).items():
        if kid in {name, canonical.b64u(name.encode())}:
            return Response(cbor.encode(_cose_key(name, public)), media_type=CBOR)
    problem = cbor.encode({-1: "Key unknown", -2: "The log signs with no key of this id."})
    return Response(problem, 404, media_type=CBOR_PROBLEM)


def _keys(door: Context) -> dict[str, bytes]:
    """Return the public keys by their ids: checkpoints' and entries' first."""
    keys, rows = door.instance.keys, [key.row for key in door.instance.said_of_log().log_keys]
    return {
        **{row.key: canonical.unb64u(row.public_key) for row in rows},
        **{key.kid: key.public for role in ("intake", "process") for key in keys.held(role)},
    }


def _cose_key(kid: str, public: bytes) -> dict[int, object]:
    """Return `{1: OKP, 2: kid, -1: Ed25519, -2: x}`; without 3 it is read by old and new tools."""
    return {1: 1, 2: kid.encode(), -1: 6, -2: public}
