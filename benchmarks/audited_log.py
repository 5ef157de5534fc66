"""The bound that an audit is held against: what the machine's cores verify at best.

What is audited is the export of a log that lived (`lived_log`), with every statement and opening:
entries of about 2.5 kB, the largest that the ledger writes, two for each statement.

The bound is what the cores verify when they do nothing else: one process for each, over the very
signatures that the audit checks, in turns with it.
"""

import os
import time
from itertools import islice

from benchmarks.lived_log import exported
from benchmarks.measuring import seconds, sized, told
from ledger.audit import Processes, Report, audit, processes
from ledger.audit.exported import ExportLog
from schemas import canonical
from schemas.envelope.cose import to_be_signed
from schemas.envelope.entry import read_entry
from schemas.envelope.keys import verify

ROUNDS = sized(7, tiny=1)
ALONE = sized(3, tiny=1)
"""Rounds of an audit in one process."""

SAMPLE = sized(256, tiny=16)
"""Entries whose signatures the bound verifies, again and again."""

VERIFIED_S = sized(1.0, tiny=0.05)

Signed = tuple[bytes, bytes, bytes]
"""Public key, signature, message."""


def signatures(log: ExportLog) -> list[Signed]:
    """Return what the signatures of some entries are over, ready to be verified."""
    keys: dict[str, bytes] = {}
    found = []
    for row in islice(log.entries(), 2 * SAMPLE):
        entry = read_entry(row.raw)
        for told_key in entry.data.get("keys", []) if row.position == 1 else []:
            keys[told_key["key"]] = canonical.unb64u(told_key["public_key"])
        payload = entry.envelope.payload
        assert payload is not None, "an entry has its payload inside"
        message = to_be_signed(entry.envelope.protected_raw, payload)
        found.append((keys[entry.kid], entry.envelope.signature, message))
    return found[-SAMPLE:]


def verified(signed: list[Signed]) -> int:
    """Verify for a second, and return how many signatures that were."""
    done, until = 0, time.perf_counter() + VERIFIED_S
    while time.perf_counter() < until:
        for public, signature, message in signed:
            verify(public, signature, message)
        done += len(signed)
    return done


def bound_per_s(beside: Processes, signed: list[Signed]) -> float:
    """Return the signatures that all cores verify in a second."""
    began = time.perf_counter()
    work = [beside.executor.submit(verified, signed) for _ in range(beside.jobs)]
    done = sum(each.result() for each in work)
    return done / (time.perf_counter() - began)


def compare(measure: str, *, decide: bool) -> None:
    """Audit and verify in turns, the best of each, and print the ratio."""
    with exported() as log, processes() as beside:
        signed = signatures(log)

        def audited() -> Report:
            report = audit(log, log.vkey, decide=decide, beside=beside)
            assert report.sound, report.findings[:3]
            return report

        report = audited()
        bounds, audits = [], []
        for _ in range(ROUNDS):
            bounds.append(bound_per_s(beside, signed))
            audits.append(report.signatures / seconds(audited))
        alone = report.signatures / min(
            seconds(lambda: audit(log, log.vkey, decide=decide)) for _ in range(ALONE)
        )
    _tell(measure, report, max(audits), max(bounds), alone)


def _tell(measure: str, report: Report, best: float, bound: float, alone: float) -> None:
    print(
        f"{report.line}; {best:.0f} signatures a second with {os.cpu_count()} processes,"
        f" {alone:.0f} with one, {bound:.0f} verified by all cores alone"
    )
    told(
        measure,
        best / bound,
        "Ed25519 signatures that all cores verify in the same run",
        signatures_per_s=round(best),
        signatures_per_s_in_one_process=round(alone),
        bound_per_s=round(bound),
        cores=os.cpu_count(),
        entries=report.entries,
        statements=report.statements,
        signatures=report.signatures,
        commands_decided=report.decided,
    )
