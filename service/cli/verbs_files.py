"""Verbs about files: inspect one that somebody carries, prove a receipt offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from ledger.evidence import texts
from ledger.evidence.errors import EvidenceError
from ledger.evidence.proof import HEADER
from ledger.evidence.prove import Beside, Report, prove, prove_by_receipt
from schemas import canonical
from schemas.commitments import Opening
from schemas.refusals import Malformed
from service.cli.ends import EndError, ExitCode, usage
from service.cli.inspecting import ask_bundle, ask_ledger
from service.cli.offline import keys_of, trust
from service.cli.proving import prove_complete, prove_growth, prove_page, prove_statement
from service.cli.receipts import FORMAT
from service.cli.run import Run
from service.cli.verbs import add_verbs
from service.cli.when import read_bytes

QUESTIONS: Final = ("intact", "signed_by", "ledger_says", "allowed_here")
"""The four questions of a verdict, in their order."""

NOTHING: Final = (
    "this is nothing that can be proven: `liner prove --help` says what can, and `liner inspect`"
    " answers for audio files"
)
"""What is said of any other file."""

COSE_SIGN1: Final = b"\xd2\x84"
"""How a COSE receipt begins: tag 18 over four items (RFC 9052, section 4.2)."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(app, {"inspect": inspect})
    add_verbs(app, {"prove": prove_receipt})


def inspect(
    run: Run,
    *,
    file: Annotated[Path, typer.Argument(help="An audio file.")],
    territory: Annotated[
        str | None, typer.Option(help="Where it would be carried (ISO 3166-1).")
    ] = None,
    tier: Annotated[str | None, typer.Option(help="The tier of that use.")] = None,
    channel: Annotated[str | None, typer.Option(help="The channel of that use.")] = None,
    offline: Annotated[
        str | None, typer.Option(metavar="BUNDLE", help="Ask nobody: check by a bundle of trust.")
    ] = None,
) -> ExitCode:
    """Answer for a file: intact, signed by whom, what the ledger says, allowed here; and why.

    What is not named is asked as the file is licensed. Exit code 0: allowed. 2: refused, or nothing
    is known of it. 3: invalid or tampered.
    """
    file.open("rb").close()
    given = {"tier": tier, "channel": channel, "territory": territory}
    named = {name: value for name, value in given.items() if value is not None}
    if offline is not None:
        found = ask_bundle(file, offline, named)
    else:
        found = ask_ledger(run, file, named)
    verdict, asked = found["verdict"], found["asked"]
    if run.out.as_json:
        run.out.document(found)
    else:
        rows = [{"question": name, **verdict[name]} for name in QUESTIONS]
        run.out.rows(("question", "code", "reason"), rows)
        use = ", ".join(asked[name] for name in ("tier", "channel", "territory"))
        told = [{"name": "verdict", "value": verdict["code"]}, {"name": "asked", "value": use}]
        run.out.rows(("name", "value"), told, heading=False)
    return ExitCode(verdict["exit_code"])


def prove_receipt(
    run: Run,
    *,
    receipt: Annotated[
        str,
        typer.Argument(
            help="A receipt file, a tlog-proof or COSE receipt, a statement, what"
            " `complete` or `checkpoint --since` saved, or a page of liner notes; - reads stdin."
        ),
    ],
    entry: Annotated[
        str | None, typer.Option(help="The entry, where the receipt does not hold it.")
    ] = None,
    policy: Annotated[
        str | None, typer.Option(help="Whom you trust: a policy file (C2SP tlog-policy).")
    ] = None,
    vkey: Annotated[
        str | None, typer.Option(help="Whom you trust: the log's verifier key, and no witness.")
    ] = None,
    bundle: Annotated[
        str | None, typer.Option(help="Whom you trust: a bundle; it has the entry keys too.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="The checkpoint that a COSE receipt of growth continues.")
    ] = None,
    statement: Annotated[
        str | None, typer.Option(help="The signed statement behind the entry.")
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="A public key, key_…=BASE64URL: of the entry or statement; repeated."),
    ] = None,
    unwitnessed: Annotated[
        bool, typer.Option("--unwitnessed", help="Be content without the policy's witnesses.")
    ] = False,
) -> None:
    """Prove offline that an entry is in the log: step by step, without a server or a database.

    Exit code 0: it is. 2: only the policy's witnesses are missing. 3: it is not, or was altered.
    """
    raw, given_keys = read_bytes(receipt), keys_of(key)
    if prove_statement(run, raw, given_keys):
        return
    trusted, keys = trust(run, policy=policy, vkey=vkey, bundle=bundle)
    keys |= given_keys
    if prove_complete(run, raw, trusted, keys, unwitnessed=unwitnessed):
        return
    if prove_growth(run, raw, trusted, since=None if since is None else read_bytes(since)):
        return
    if prove_page(run, raw, trusted, unwitnessed=unwitnessed):
        return
    given = _given(raw, entry, statement, keys)
    how = {"require_witnesses": not unwitnessed, "beside": given.beside}
    if given.proof is not None:
        report = prove(given.entry, given.proof, trusted, **how)  # type: ignore[arg-type]  # two names
    else:
        report = prove_by_receipt(given.entry, raw, trusted, **how)  # type: ignore[arg-type]  # likewise
    given.check_said(report)
    _tell(run, report)


class _Given:
    """What was handed in: the entry, a proof in text (or None: a COSE receipt), what is beside."""

    def __init__(
        self, entry: bytes, proof: str | None, beside: Beside, said: tuple[str, int] | None = None
    ) -> None:
        self.entry = entry
        self.proof = proof
        self.beside = beside
        self.said = said

    def check_said(self, report: Report) -> None:
        """Require that what the file says of itself is what was proven: people read that."""
        if self.said is not None and self.said != (report.entry.ledger, report.position):
            raise EvidenceError("the entry stands elsewhere than the receipt says")


def _given(raw: bytes, entry: str | None, statement: str | None, keys: dict[str, bytes]) -> _Given:
    """Tell the three kinds of receipts apart by how they begin."""
    beside = read_bytes(statement) if statement is not None else None
    if raw.lstrip().startswith(b"{"):
        held = _read_receipt(raw)
        return _Given(
            held.entry if entry is None else read_bytes(entry),
            held.proof,
            Beside(
                entry_keys=keys,
                statement=beside or held.statement,
                actor_keys=keys,
                openings=held.openings,
            ),
            held.said,
        )
    if not raw.startswith((HEADER.encode(), COSE_SIGN1)):
        raise EndError("evidence_invalid", NOTHING, ExitCode.INVALID)
    if entry is None:
        raise usage("this receipt does not hold its entry: give it with --entry FILE")
    text = _proof_text(raw) if raw.startswith(HEADER.encode()) else None
    return _Given(
        read_bytes(entry), text, Beside(entry_keys=keys, statement=beside, actor_keys=keys)
    )


def _proof_text(raw: bytes) -> str:
    """Return a tlog-proof as text: its checkpoint's signature lines begin with an em dash."""
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise EvidenceError("the proof is not text in UTF-8") from error


class _Receipt(NamedTuple):
    """A receipt file as it came: nothing is verified."""

    entry: bytes
    proof: str
    statement: bytes | None
    openings: tuple[Opening, ...]
    said: tuple[str, int]
    """Of which log it says it is, and of which position."""


def _read_receipt(raw: bytes) -> _Receipt:
    try:
        found = json.loads(raw, object_pairs_hook=texts.members)
        if found["format"] != FORMAT:
            raise EvidenceError(f"not a receipt of this kind [{FORMAT}]")
        held = found["statement"]
        return _Receipt(
            canonical.unb64u(found["entry"]),
            str(found["proof"]),
            None if held is None else canonical.unb64u(held),
            tuple(map(_opening, found["openings"])),
            (found["ledger"], found["position"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, Malformed) as error:
        raise EndError("evidence_invalid", "this is no receipt", ExitCode.INVALID) from error


def _opening(row: dict[str, Any]) -> Opening:
    return Opening(str(row["pointer"]), canonical.unb64u(row["salt"]), row["value"])


def _tell(run: Run, report: Report) -> None:
    entry = report.entry
    run.out.document(
        {
            "valid": True,
            "ledger": entry.ledger,
            "position": report.position,
            "size": report.size,
            "type": entry.type,
            "id": entry.id,
            "is_witnessed": report.is_witnessed,
            "witnesses": dict(report.witnesses),
            "steps": [
                {
                    "number": step.number,
                    "title": step.title,
                    "detail": step.detail,
                    "is_checked": step.is_checked,
                }
                for step in report.steps
            ],
            "entry": entry.payload,
        }
    )
    for step in report.steps:
        run.out.say(str(step), style="" if step.is_checked else "dim")
    witnessed = "" if report.is_witnessed else ", not witnessed"
    run.out.say(
        f"proven: {entry.type} is at position {report.position} of {entry.ledger}{witnessed}"
    )
