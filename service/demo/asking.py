"""The last chapters: three questions with checkable answers, what is kept, and the audit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from ledger.audit import StoreLog, audit
from ledger.evidence.index import Touches, verify_between, verify_lookup
from ledger.evidence.nodes import TileHashes
from ledger.evidence.policy import parse_policy
from ledger.evidence.proof import make_proof
from ledger.evidence.prove import prove
from ledger.evidence.receipt import Position, make_receipt
from ledger.provenance.record import Question
from ledger.provenance.verdict import Verdict
from projections.index.queries import Between, touched
from projections.permissions.queries import permissions_of_asset
from projections.provenance.queries import uses_of_party
from projections.provenance.refusals import refusals_of_party
from projections.royalties.queries import balances
from schemas.lists import Channel, Tier
from schemas.money import format_amount
from service.demo.scene import DemoError, Story
from service.notes import generation_page, statement_page
from service.witnessed import best

WITNESS_S: Final = 60.0
"""How long a proof waits for the witness, which runs beside: the story says that it has signed, and
a busy machine takes longer than a job would wait (contracts, section 8)."""

FLIPPED_AT: Final = 500_000
"""Byte of the audio that the demo's tampering flips."""


def holder(story: Story) -> None:
    """Answer where a song was used, and what it earned."""
    instance, one = story.instance, story.songs[17189]
    story.say.chapter(f"{one.holder_name} asks: where was my song used, and what did it earn?")
    for use in uses_of_party(instance.readings, one.holder.party).rows:
        earned = sum(leg.amount_micro for leg in use.legs)
        rows = [row for row in use.references if row.recording == one.recording]
        how = "; ".join(f"{row.use} level as {row.role}, weight {row.weight}" for row in rows)
        story.say.tell(
            f"In {use.generation}, for {use.tier} use in {', '.join(use.territories)}: {how}."
            f" Earned €{format_amount(earned)}.",
            positions=[use.position],
        )
    refused = story.songs[17193]
    for demand in refusals_of_party(instance.readings, refused.holder.party).rows:
        codes = ", ".join(dict.fromkeys(reason["code"] for reason in demand.reasons))
        story.say.tell(
            f"And {refused.holder_name} sees the demand that its terms turned down: {codes}.",
            positions=[demand.position],
        )


def completeness(story: Story) -> None:
    """Show that the list of uses is complete, and that a song was not used."""
    instance, one, unused = story.instance, story.songs[17189], story.songs[17196]
    instance.indexer.publish()  # unless the ledger itself was first, as it is each minute
    roots = instance.feed.events_of("index:log", until=instance.feed.visible_head())
    if not roots:
        raise DemoError("the root of the index was not published")
    story.say.tell(
        "The root of the verifiable index is published in the log.",
        positions=[roots[-1].position],
    )
    found = touched(instance.readings, one.recording)
    _check(found)
    story.say.tell(
        f"Proved: exactly {len(found.positions)} entries touched song 17189, none left out."
    )
    since = touched(instance.readings, unused.recording)
    _check(since)
    uses = [place for place in since.positions if place >= story.license_position]
    if uses:
        raise DemoError("song 17196 was touched, though nobody may use it")
    story.say.tell(
        f"Proved: song 17196 was touched {len(since.positions)} times, by its own registration and"
        " consent; no generation ever used it."
    )


def _check(found: Between) -> None:
    """Check a lookup as its holder would: with the published root alone."""
    touches = verify_lookup(bytes.fromhex(found.after.root.root), found.subject, found.after.lookup)
    verify_between(Touches(), touches, found.positions, older=0, newer=found.after.root.through)


def auditor(story: Story) -> None:
    """Answer what was permitted and owed at a position."""
    assert story.authorized is not None
    instance, at = story.instance, story.authorized.positions[0]
    story.say.chapter("An auditor asks: what was permitted and owed at that position?")
    one = story.songs[17194]
    then = permissions_of_asset(instance.readings, one.recording, as_of=at).rows
    now = permissions_of_asset(instance.readings, one.recording).rows
    said = ", ".join(then[0].tiers).replace("_", "-") if then else "nothing"
    story.say.tell(
        f"At position {at} song 17194 was permitted for {said}; today for"
        f" {', '.join(now[0].tiers) if now else 'nothing'}.",
        positions=[at],
    )
    payee = story.songs[17189].holder.party
    before = balances(instance.readings, payee, as_of=at).rows
    after = balances(instance.readings, payee).rows
    owed = format_amount(before[0].owed_micro) if before else "0"
    paid, carried = format_amount(after[0].paid_micro, 2), format_amount(after[0].carry_micro)
    story.say.aside(
        f"Owed to {story.songs[17189].holder_name} then: €{owed}. Today: paid €{paid}, carried"
        f" €{carried}."
    )


def streaming_service(story: Story) -> None:
    """Answer whether a file is what it says, and may be carried here."""
    assert story.output is not None
    story.say.chapter("A streaming service asks: is this file what it says, may I carry it here?")
    whole = _ask(story, story.output, tier="private", channel="download")
    if whole.exit_code != 0:
        raise DemoError(f"the demo's own file is not allowed: {whole.code}")
    story.say.tell(f"[bold]{whole.code}[/bold] for private use, download, in Germany:")
    _four(story, whole)
    wider = _ask(story, story.output, tier="commercial", channel="streaming")
    story.say.tell(
        f"[bold]{wider.code}[/bold] for commercial streaming: {wider.allowed_here.reason}"
    )
    altered = story.out / "output-tampered.wav"
    raw = bytearray(story.output.read_bytes())
    raw[FLIPPED_AT] ^= 1
    altered.write_bytes(raw)
    broken = _ask(story, altered, tier="private", channel="download")
    story.say.tell(f"[bold]{broken.code}[/bold] after one bit was flipped: {broken.intact.reason}")
    (story.out / "verdict.json").write_text(
        json.dumps(whole.data(), indent=1) + "\n", encoding="utf-8"
    )


def _ask(story: Story, path: Path, *, tier: Tier, channel: Channel) -> Verdict:
    question = Question(tier=tier, channel=channel, territory="DE", at=story.instance.clock())
    return story.instance.inspector.inspect(path, question)[1]


def _four(story: Story, verdict: Verdict) -> None:
    story.say.table(
        ["question", "answer"],
        [
            ["intact?", verdict.intact.reason],
            ["signed by whom?", verdict.signed_by.reason],
            ["what does the ledger say?", verdict.ledger_says.reason],
            ["allowed here, now?", verdict.allowed_here.reason],
        ],
    )


def keep(story: Story) -> None:
    """Keep the authorization's receipts, and check them as anybody can."""
    assert story.authorized is not None
    out, first = story.out, story.authorized.entries[0]
    (out / "authorization.cose").write_bytes(first.entry)
    proof = _witnessed_proof(story, first.position)
    (out / "authorization.tlog-proof").write_text(proof, encoding="utf-8")
    (out / "authorization.receipt.cose").write_bytes(_receipt(story, first.position))
    policy = story.instance.policy.text()
    (out / "policy.txt").write_text(policy, encoding="utf-8")
    report = prove(first.entry, proof, parse_policy(policy))
    story.say.chapter("What you can check without us")
    story.say.tell(
        f"Kept in {out}: the authorization's entry, its proof and its receipt. Checked with a"
        f" policy file alone (the ledger's key, the witness's key), in {len(report.steps)} steps:"
        f" position {report.position} of {report.size}, signed by {len(report.witnesses)} witness.",
        positions=[first.position],
    )
    _pages(story)


def _pages(story: Story) -> None:
    """Keep the pages that verify themselves, for whoever has nothing but a browser."""
    instance = story.instance
    # A page shows what was withdrawn since, so its checkpoint is newer than the license's.
    instance.witnessing.wait_for(instance.feed.visible_head(), WITNESS_S)
    page = generation_page(instance, story.generation)
    (story.out / "liner-notes.html").write_text(page, encoding="utf-8")
    page = statement_page(instance, story.statement)
    (story.out / "royalty-statement.html").write_text(page, encoding="utf-8")
    story.say.aside(
        f"For a browser, without a server: {story.out}/liner-notes.html plays the file and shows"
        " whose song sounds now, and royalty-statement.html leads from every cent to its entries."
        " Both check themselves, step by step."
    )


def _witnessed_proof(story: Story, position: int) -> str:
    """Return the proof of an entry under a checkpoint that the witness has signed."""
    instance = story.instance
    instance.witnessing.wait_for(position, WITNESS_S)
    policy = instance.policy.current()
    with instance.store.snapshot() as reader:
        checkpoint = best(reader, policy, covering=position)
        assert checkpoint.note is not None, "it was accepted"
        path = TileHashes(reader, checkpoint.size).inclusion_path(position - 1)
    return make_proof(index=position - 1, path=path, checkpoint=checkpoint.note)


def _receipt(story: Story, position: int) -> bytes:
    instance = story.instance
    with instance.store.snapshot() as reader:
        checkpoint = reader.checkpoint_covering(position)
        assert checkpoint is not None
        path = TileHashes(reader, checkpoint.size).inclusion_path(position - 1)
        return make_receipt(
            instance.keys.checkpoint,
            origin=instance.facts.origin,
            position=Position(checkpoint.size, position - 1),
            path=path,
            root=checkpoint.root,
        )


def audit_all(story: Story) -> None:
    """Recompute the whole log, and decide every command again."""
    instance = story.instance
    with story.say.progress("auditing") as progress:
        task = progress.task_ids[0]
        report = audit(
            StoreLog(instance.store, origin=instance.facts.origin),
            instance.facts.checkpoint_vkey,
            progress=lambda done, of: progress.update(task, completed=done * 1000 // of),
        )
    if not report.sound:
        first = report.first
        raise DemoError(f"the audit found: {first}")
    story.audit_line = report.line


def what_next(story: Story) -> None:
    """Say how to start the service, and what to try."""
    story.say.closing(
        story.audit_line,
        [
            ("start the service", "make run"),
            (
                "inspect the file",
                f".venv/bin/liner inspect {story.out}/output.wav --home {story.out}/ledger",
            ),
            ("see the log", f".venv/bin/liner events --home {story.out}/ledger"),
            ("use your own music", "make demo AUDIO=path/to/folder"),
        ],
    )
