"""What `liner prove` does with other things than receipts: completeness, statements, HTML pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ledger.evidence import complete, growth
from ledger.evidence.errors import EvidenceError
from ledger.evidence.policy import Policy
from ledger.evidence.prove import Step
from schemas.envelope.statement import Statement, read_statement
from schemas.refusals import Malformed
from service.cli.ends import EndError, usage

if TYPE_CHECKING:
    from service.cli.run import Run

HTML: Final = b"<!doctype html>"
"""How a page of liner notes begins."""


def prove_complete(
    run: Run, raw: bytes, policy: Policy, keys: Mapping[str, bytes], *, unwitnessed: bool
) -> bool:
    """Prove what touched a subject, if the document is about that; tell whether it is."""
    if complete.FORMAT.encode() not in raw[:200]:
        return False
    found = complete.prove_complete(
        complete.read(raw), policy, require_witnesses=not unwitnessed, entry_keys=keys
    )
    document = {
        "valid": True,
        "ledger": found.ledger,
        "subject": found.subject,
        "after": found.older,
        "until": found.newer,
        "positions": list(found.positions),
        "total": found.total,
        "root": found.root,
        "size": found.size,
        "is_witnessed": found.is_witnessed,
        "witnesses": dict(found.witnesses),
        "steps": steps_data(found.steps),
    }
    run.out.document(document)
    _say(run, found.steps)
    run.out.say(sentence(document) + ("" if found.is_witnessed else ", not witnessed"))
    if not found.total:
        run.out.warn(unknown(found.subject, found.newer))
    return True


def prove_growth(run: Run, raw: bytes, policy: Policy, *, since: bytes | None) -> bool:
    """Prove that a log continues a checkpoint, if that is what is asked; tell whether."""
    if since is not None:
        found = growth.prove_growth_by_receipt(_text(since), raw, policy)
    elif growth.FORMAT.encode() in raw[:200]:
        found = growth.prove_growth(growth.read(raw), policy)
    else:
        return False
    run.out.document(
        {
            "valid": True,
            "ledger": found.newer.origin,
            "older": found.older.size,
            "newer": found.newer.size,
            "steps": steps_data(found.steps),
        }
    )
    _say(run, found.steps)
    older, newer = found.older.size, found.newer.size
    run.out.say(f"proven: the first {older} of {newer} entries are those that were kept")
    return True


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise EvidenceError("a checkpoint is text in UTF-8") from error


def unknown(subject: str, until: int) -> str:
    """Say of a subject that no entry ever touched that it may not be what was meant."""
    return (
        f"Nothing in this log, since it began and up to {until}, is about {subject}: it knows no"
        " such id. That is true of an id that was mistyped as well, so compare it."
    )


def sentence(found: Mapping[str, Any]) -> str:
    """Say how many entries touched a subject, and between which positions."""
    count, until = len(found["positions"]), found["until"]
    what = "no entry" if not count else "exactly one entry" if count == 1 else f"exactly {count}"
    noun = "" if count < 2 else " entries"  # noqa: PLR2004 - plural
    return f"proven: {what}{noun} touched {found['subject']} after {found['after']}, up to {until}"


def prove_statement(run: Run, raw: bytes, keys: Mapping[str, bytes]) -> bool:
    """Prove that a key signed a statement, if the bytes are one; tell whether they are."""
    statement = _statement(raw)
    if statement is None:
        return False
    public = keys.get(statement.kid)
    if public is None:
        raise usage(f"whose is {statement.kid}? give --key {statement.kid}=BASE64URL")
    try:
        statement.verify(public)
    except Malformed as error:
        raise EvidenceError(error.message, step="step 2, verify the signature") from error
    steps = (
        Step(1, "read the statement", f"{statement.command} {statement.id} to {statement.ledger}"),
        Step(2, "verify the signature", f"signed by {statement.kid} for {statement.issuer}"),
        Step(3, "find it in the log", "not checked, its receipt was not given", is_checked=False),
    )
    run.out.document(
        {
            "valid": True,
            "ledger": statement.ledger,
            "id": statement.id,
            "command": statement.command,
            "sha256": statement.sha256,
            "key": statement.kid,
            "issuer": statement.issuer,
            "steps": steps_data(steps),
            "statement": statement.payload,
        }
    )
    _say(run, steps)
    run.out.say(f"proven: {statement.issuer} said {statement.command} {statement.id}")
    return True


def _statement(raw: bytes) -> Statement | None:
    try:
        return read_statement(raw)
    except Malformed:
        return None


def prove_page(run: Run, raw: bytes, policy: Policy, *, unwitnessed: bool) -> bool:
    """Prove every entry that a page of liner notes carries, if it is one; tell whether it is."""
    if raw[: len(HTML)].lower() != HTML:
        return False
    try:
        from service.notes.proving import prove_notes  # noqa: PLC0415 - only pages need it
    except ModuleNotFoundError as error:
        raise EndError("package_missing", f"a page needs the package {error.name}") from error
    found = prove_notes(raw, policy, require_witnesses=not unwitnessed)
    run.out.document(
        {
            "valid": True,
            "ledger": found.ledger,
            "size": found.size,
            "is_witnessed": found.is_witnessed,
            "positions": list(found.positions),
            "steps": steps_data(found.steps),
        }
    )
    _say(run, found.steps)
    count = len(found.positions)
    run.out.say(f"proven: the page and its {count} entries of {found.ledger} are what was signed")
    return True


def steps_data(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return steps as JSON values."""
    return [
        {
            "number": step.number,
            "title": step.title,
            "detail": step.detail,
            "is_checked": step.is_checked,
        }
        for step in steps
    ]


def _say(run: Run, steps: Sequence[Step]) -> None:
    for step in steps:
        run.out.say(str(step), style="" if step.is_checked else "dim")
