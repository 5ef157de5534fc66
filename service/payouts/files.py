"""Payouts by files: messages into an outbox, the bank's answers out of an inbox.

    home/outbox/<end to end id>.pain.001.xml     for the bank to fetch
    home/told/<end to end id>.json               what was told, for ever
    home/inbox/*.json                            what the bank said (`BankMessage`)
    home/heard/<outcome>.done, .salt             which outcomes are in the log, and their salts
    home/inbox/taken/, home/inbox/refused/       messages that are through, and that were not ours
    home/partial/                                what is being written, under no name yet

A bank's own format (pain.002, camt.054) is translated into `BankMessage` by whoever fetches it.
Account numbers lie here in the clear, so folders are for their owner alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import Field

from ledger import whole_file
from ledger.storage.killpoints import reach
from schemas import canonical, drafts
from schemas.commitments import SALT_BYTES
from schemas.drafts import OWNER_ONLY
from schemas.refusals import Malformed
from schemas.values import Value, parse
from service.payouts.pain import Debtor, end_to_end_id, message
from service.payouts.provider import Outcome, PayoutOrder, ProviderError, Status, Told

BYTES_MAX: Final = 1_048_576
"""Bytes of a message of the bank: a thousand outcomes, and far below what hurts."""

PARTIAL_S_MAX: Final = 3600
"""Age in seconds from which a half-written file was left by a crash: writing takes milliseconds."""

_ShortText = Annotated[str, Field(min_length=1, max_length=140)]

_log = logging.getLogger(__name__)


class BankOutcome(Value):
    """What the bank says about one payment. `reason` is said where it was not paid."""

    end_to_end_id: Annotated[str, Field(pattern=r"^[0-9a-f]{35}$")]
    status: Status
    reference: _ShortText
    reason: Annotated[str, Field(max_length=140)] = ""


class BankMessage(Value):
    """A message of the bank. `message` names it once and for ever."""

    message: _ShortText
    outcomes: Annotated[tuple[BankOutcome, ...], Field(min_length=1, max_length=1000)]


class FilePayouts:
    """A payout provider whose bank is a person or a program that moves files."""

    def __init__(self, home: Path, debtor: Debtor) -> None:
        self._debtor = debtor
        self._outbox, self._told = home / "outbox", home / "told"
        self._inbox, self._heard = home / "inbox", home / "heard"
        self._taken, self._refused = self._inbox / "taken", self._inbox / "refused"
        self._partial = home / "partial"
        mine = (self._outbox, self._told, self._heard, self._taken, self._refused, self._partial)
        for folder in mine:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sweep(self._partial)

    def instruct(self, order: PayoutOrder) -> Told:
        """Put the message into the outbox, once. Raises `ProviderError`, `ShapeError`.

        The record is written last. If we stop before it, a retry puts the same bytes there again
        under the same name; where the bank has fetched them meanwhile it sees a message id that it
        knows, and refuses the copy (ISO 20022: MsgId is unique for its sender).
        """
        raw = message(order, self._debtor)
        name = end_to_end_id(order.key)
        record = self._told / f"{name}.json"
        digest = hashlib.sha256(raw).hexdigest()
        if record.exists():
            known = json.loads(record.read_bytes())
            if known["message_sha256"] != digest:
                raise ProviderError(f"another order was told under this key [{order.payout}]")
            return Told(known["reference"], replayed=True)
        self._write(self._outbox / f"{name}.pain.001.xml", raw)
        reach("after_outbox_before_told")
        told = {"message_sha256": digest, "payout": order.payout, "reference": name}
        self._write(record, canonical.encode(told))
        return Told(name, replayed=False)

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what the inbox holds and nobody is done with; move what is through.

        A file that is no message of the bank for us goes to `refused`, and its reason beside it.
        """
        for path in sorted(self._inbox.glob("*.json")):
            try:
                found = tuple(self._read(path))
            except Malformed as error:
                self._refuse(path, str(error))
                continue
            yield from (outcome for outcome in found if not self._is_done(outcome))
            if all(self._is_done(outcome) for outcome in found):
                # If we stop before this, the file is read again and nothing of it is yielded.
                reach("after_done_before_taken")
                drafts.rename(path, self._taken / path.name)

    def done(self, outcome: Outcome) -> None:
        """Never yield this outcome again."""
        self._write(self._heard / f"{outcome.id}.done", b"")

    def _is_done(self, outcome: Outcome) -> bool:
        return (self._heard / f"{outcome.id}.done").exists()

    def _read(self, path: Path) -> Iterator[Outcome]:
        raw = path.read_bytes()
        if len(raw) > BYTES_MAX:
            raise Malformed("value_unknown", f"longer than {BYTES_MAX} bytes")
        said = parse(BankMessage, _decode(raw))
        self._check_same(said.message, raw)
        for number, row in enumerate(said.outcomes):
            name = hashlib.sha256(canonical.encode([said.message, number])).hexdigest()
            yield Outcome(
                id=name,
                payout=self._payout(row.end_to_end_id),
                status=row.status,
                reference=row.reference,
                reason=row.reason or "the bank gave no reason",
                salt=self._salt(name),
            )

    def _check_same(self, name: str, raw: bytes) -> None:
        """Raise where the bank said something else under this name before."""
        known = self._heard / f"{hashlib.sha256(name.encode()).hexdigest()}.message"
        digest = hashlib.sha256(raw).hexdigest().encode()
        if not known.exists():
            self._write(known, digest)
        elif known.read_bytes() != digest:
            raise Malformed("report_id_reused", "this message said something else before")

    def _payout(self, end_to_end: str) -> str:
        record = self._told / f"{end_to_end}.json"
        if not record.exists():
            raise Malformed("unknown_id", f"no payout was told under {end_to_end}")
        return str(json.loads(record.read_bytes())["payout"])

    def _salt(self, outcome: str) -> bytes:
        path = self._heard / f"{outcome}.salt"
        if not path.exists():
            self._write(path, secrets.token_bytes(SALT_BYTES))
        return path.read_bytes()

    def _write(self, path: Path, raw: bytes) -> None:
        """Write a file whole or not at all, and durably: its bytes, then its name.

        Never beside its place: if we stop here, a bank that lists the folder must not find half.
        """
        whole_file.replace(
            path,
            raw,
            mode=OWNER_ONLY,
            drafts=self._partial,
            reached="payment_file_before_named",
        )

    def _refuse(self, path: Path, why: str) -> None:
        _log.error("a message in the payout inbox was refused: %s [%s]", why, path.name)
        self._write(self._refused / f"{path.name}.why", why.encode() + b"\n")
        drafts.rename(path, self._refused / path.name)


def _decode(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("value_unknown", "not JSON") from error


def _sweep(folder: Path) -> None:
    """Remove what a crash left half-written: account numbers are not kept for nothing."""
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # it has got its name in this moment
            if time.time() - path.stat().st_mtime > PARTIAL_S_MAX:
                path.unlink()
