"""Checking an entry offline, step by step (evidence.md, "Offline verifier").

Needs the entry, a tlog-proof or a receipt, and a policy; no database, no server. Each step has a
number and a title; the first that fails raises an `EvidenceError` that names it. What could not be
checked because nothing was given for it is a step too, and says so.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ledger.evidence.errors import EvidenceError, NotWitnessedError
from ledger.evidence.merkle import verify_inclusion
from ledger.evidence.policy import Accepted, Policy
from ledger.evidence.proof import Proof, parse_proof
from ledger.evidence.receipt import read_receipt, verify_receipt
from ledger.evidence.vkeys import VerifierKey
from schemas.commitments import Opening, check_openings
from schemas.envelope.entry import Entry, read_entry
from schemas.envelope.statement import Statement, read_statement
from schemas.refusals import Malformed


@dataclass(frozen=True, slots=True)
class Step:
    """One step that was walked. `is_checked` is False where nothing was given to check with."""

    number: int
    title: str
    detail: str
    is_checked: bool = True

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.number} {self.title}: {self.detail}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What has been shown, and by which steps."""

    steps: tuple[Step, ...]
    entry: Entry
    position: int
    """Place of the entry in the log, from 1: leaf index + 1."""

    size: int
    """Size of the tree that was signed."""

    log: VerifierKey
    witnesses: Mapping[str, int]
    """Witnesses' names in the policy to POSIX seconds; empty for a receipt."""

    is_witnessed: bool
    """Whether the policy's quorum is met; False only if the caller did not require it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What may lie beside an entry, and the public keys (by key id) to check it with."""

    entry_keys: Mapping[str, bytes] = field(default_factory=dict)
    statement: bytes | None = None
    actor_keys: Mapping[str, bytes] = field(default_factory=dict)
    openings: tuple[Opening, ...] = ()


def prove(
    entry: bytes,
    proof: str,
    policy: Policy,
    *,
    require_witnesses: bool = True,
    beside: Beside | None = None,
) -> Report:
    """Show by the tlog-proof `proof` that `entry` is in the log, else raise `EvidenceError`.

    `NotWitnessedError` where only the quorum is missing; with `require_witnesses` False the
    report says so instead.
    """
    walk = Walk()
    read = walk.entry(entry)
    with walk.step("read the proof") as said:
        parsed = parse_proof(proof)
        said.append(f"leaf {parsed.index}, {len(parsed.path)} hashes")
    accepted = walk.checkpoint(parsed, read, policy)
    walk.witnesses(accepted, policy, require_witnesses=require_witnesses)
    with walk.step("follow the inclusion path") as said:
        at = accepted.checkpoint
        verify_inclusion(read.leaf_hash, parsed.index, at.size, parsed.path, at.root)
        said.append(f"position {parsed.index + 1} of {at.size}")
    walk.entry_key(read, parsed.index + 1, policy)
    walk.beside(read, beside or Beside())
    return Report(
        steps=tuple(walk.steps),
        entry=read,
        position=parsed.index + 1,
        size=accepted.checkpoint.size,
        log=accepted.log,
        witnesses=accepted.witnesses,
        is_witnessed=accepted.is_witnessed,
    )


def prove_by_receipt(
    entry: bytes,
    receipt: bytes,
    policy: Policy,
    *,
    require_witnesses: bool = True,
    beside: Beside | None = None,
) -> Report:
    """Show by the COSE receipt `receipt` that `entry` is in the log, else raise `EvidenceError`.

    A receipt carries no cosignatures: under a policy with a quorum it is `NotWitnessedError`,
    unless `require_witnesses` is False. One that does not sign its position is refused.
    """
    walk = Walk()
    read = walk.entry(entry)
    with walk.step("read the receipt") as said:
        position = read_receipt(receipt).position
        said.append(f"leaf {position.index} of {position.size}, signed")
    with walk.step("verify the log's signature over root and position") as said:
        log = _signer(receipt, read, policy, position.size)
        said.append(f"signed by {log}")
    is_witnessed = policy.is_met(frozenset())
    with walk.step("count the witnesses") as said:
        if require_witnesses and not is_witnessed:
            raise NotWitnessedError(f"a receipt has none, the policy asks for {policy.quorum}")
        said.append("none: a receipt carries no cosignatures")
    walk.entry_key(read, position.index + 1, policy)
    walk.beside(read, beside or Beside())
    return Report(
        steps=tuple(walk.steps),
        entry=read,
        position=position.index + 1,
        size=position.size,
        log=log,
        witnesses={},
        is_witnessed=is_witnessed,
    )


def _signer(receipt: bytes, entry: Entry, policy: Policy, size: int) -> VerifierKey:
    """Return the key of the entry's log that signed; after a rotation a policy lists two."""
    logs = policy.signers(entry.ledger, size)
    if not logs:
        raise EvidenceError(f"the policy lists no log of that origin [{entry.ledger}]")
    failure: EvidenceError | None = None
    for key in logs:
        try:
            verify_receipt(receipt, entry.leaf_hash, key.public, issuer=key.name)
        except EvidenceError as error:
            failure = error
        else:
            return key
    assert failure is not None
    raise failure


def _utc(time_s: int) -> str:
    """Return POSIX seconds for a person; a witness may sign a time beyond our calendar."""
    try:
        return f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (OverflowError, OSError, ValueError):
        return f"{time_s} s"


class Walk:
    """The steps walked so far, and those that both kinds of evidence share."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """Walk one step; what fails in it raises with its number and title."""
        number = len(self.steps) + 1
        said: list[str] = []
        try:
            yield said
        except NotWitnessedError as error:
            raise NotWitnessedError(error.message, step=f"step {number}, {title}") from error
        except EvidenceError as error:
            raise EvidenceError(error.message, step=f"step {number}, {title}") from error
        except Malformed as error:
            raise EvidenceError(str(error), step=f"step {number}, {title}") from error
        self.steps.append(Step(number, title, "; ".join(said)))

    def skip(self, title: str, why: str) -> None:
        """Note a step for which nothing was given."""
        self.steps.append(Step(len(self.steps) + 1, title, f"not checked, {why}", is_checked=False))

    def take(self, report: Report, what: str) -> None:
        """Count the steps of another walk as steps of this one; `what` was proven by them."""
        for step in report.steps:
            number = len(self.steps) + 1
            self.steps.append(replace(step, number=number, title=f"{what}: {step.title}"))

    def entry(self, raw: bytes) -> Entry:
        """Read the entry and hash it as a leaf."""
        with self.step("read the entry") as said:
            entry = read_entry(raw)
            said.append(f"{entry.type} {entry.id} of {entry.ledger}")
        with self.step("hash the entry as a leaf") as said:
            said.append(entry.leaf_hash.hex())
        return entry

    def checkpoint(self, proof: Proof, entry: Entry, policy: Policy) -> Accepted:
        """Verify the log's signature, and that it is the log that the entry names."""
        with self.step("verify the log's signature on the checkpoint") as said:
            accepted = policy.accept(proof.checkpoint, require_witnesses=False)
            if accepted.checkpoint.origin != entry.ledger:
                raise EvidenceError(f"a checkpoint of another log [{accepted.checkpoint.origin}]")
            said.append(f"size {accepted.checkpoint.size}, signed by {accepted.log}")
        return accepted

    def witnesses(self, accepted: Accepted, policy: Policy, *, require_witnesses: bool) -> None:
        """Count the verified cosignatures."""
        with self.step("count the witnesses") as said:
            names = ", ".join(
                f"{name} at {_utc(time_s)}" for name, time_s in sorted(accepted.witnesses.items())
            )
            if require_witnesses and not accepted.is_witnessed:
                raise NotWitnessedError(
                    f"the quorum {policy.quorum} is not met [{names or 'no known witness'}]"
                )
            said.append(names or "no known witness")
            if not accepted.is_witnessed:
                said.append(f"not_witnessed: the quorum {policy.quorum} is not met")

    def entry_key(self, entry: Entry, position: int, policy: Policy) -> None:
        """Refuse an entry behind the position at which its key was replaced; else no step."""
        until = policy.retired_entries.get(entry.kid)
        if until is None:
            return
        with self.step("compare the position with the end of the entry's key") as said:
            if position > until:
                raise EvidenceError(f"{entry.kid} was replaced at position {until}")
            said.append(f"{entry.kid} signed until {until}")

    def beside(self, entry: Entry, given: Beside) -> None:
        """Check what lies beside the entry, as far as it was given."""
        public = given.entry_keys.get(entry.kid)
        if public is None:
            self.skip("verify the entry's signature", f"no key {entry.kid} given")
        else:
            with self.step("verify the entry's signature") as said:
                entry.verify(public)
                said.append(f"signed by {entry.kid}")
        if given.statement is None:
            self.skip("verify the statement", "none given")
        else:
            self._statement(entry, given.statement, given.actor_keys)
        self._openings(entry, given.openings)

    def _statement(self, entry: Entry, raw: bytes, actor_keys: Mapping[str, bytes]) -> None:
        with self.step("match the statement with the entry") as said:
            statement = read_statement(raw)
            if statement.sha256 != entry.statement_sha256 or statement.id != entry.command:
                raise EvidenceError("the entry is bound to another statement")
            said.append(f"{statement.command} {statement.id}")
        self._statement_signature(statement, actor_keys.get(statement.kid))

    def _statement_signature(self, statement: Statement, public: bytes | None) -> None:
        if public is None:
            self.skip("verify the statement's signature", f"no key {statement.kid} given")
            return
        with self.step("verify the statement's signature") as said:
            statement.verify(public)
            said.append(f"signed by {statement.kid} for {statement.issuer}")

    def _openings(self, entry: Entry, openings: Iterable[Opening]) -> None:
        openings = tuple(openings)
        if not openings:
            self.skip("open the commitments", "no openings given")
            return
        with self.step("open the commitments") as said:
            check_openings(entry.payload, openings)  # pointers begin at the payload
            said.append(", ".join(opening.pointer for opening in openings))
