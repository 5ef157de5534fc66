"""Chapters six to eight: royalties to the cent, a revocation, a royalty statement and a payout."""

from __future__ import annotations

import json
import time
from typing import Final

from rich.markup import escape

from ledger.answer import Answer
from projections.royalties.statement import statement_document
from schemas.commands.consents import RevokeConsent
from schemas.commands.generations import VerifyGeneration
from schemas.commands.parties import RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import CloseRoyaltyStatement, InstructPayout
from schemas.events.royalties import RoyaltyAccrued
from schemas.ids import new_id
from schemas.period import format_instant, month_of
from schemas.refusals import EXPLAIN
from service.demo.scene import DemoError, Story
from service.instance import Instance
from service.speaking import Private

ACCOUNT: Final = {"name": "Halyard Records", "iban": "DE75512108001245126199"}
"""Where the payee is paid: a published example number, no account."""

TAKEN_S: Final = 60.0
LOOK_S: Final = 1.0
"""How long the bank's answer may take into the log on a busy machine, and how often one looks."""


def royalties(story: Story) -> None:
    """Show every leg of the accrual."""
    story.say.chapter("Royalties, to the cent and below")
    events = story.instance.feed.events_of(
        f"job:{story.generation}", until=story.instance.feed.visible_head()
    )
    found = next(one for one in events if isinstance(one.event, RoyaltyAccrued))
    accrued = found.event
    assert isinstance(accrued, RoyaltyAccrued)
    story.say.tell(
        f"Of the fee of €{accrued.fee.amount}, €{accrued.pool.amount} go to the owners and"
        f" €{accrued.commission.amount} to the service; nothing is lost in rounding.",
        positions=[found.position],
    )
    names = {one.recording: escape(one.song.title) for one in story.songs.values()}
    holders = {one.holder.party: one.holder_name for one in story.songs.values()}
    story.say.table(
        ["to", "for", "side", "euros"],
        [
            [holders.get(leg.party, leg.party), names[leg.recording], leg.side, leg.amount.amount]
            for leg in accrued.legs
        ],
    )


def revocation(story: Story) -> None:
    """Revoke: nothing new from here, and what was licensed stays."""
    story.say.chapter("An owner revokes")
    one = story.songs[17194]
    answers = [
        one.holder.say(RevokeConsent(party=one.holder.party, consent=consent))
        for consent in one.consents
    ]
    story.say.tell(
        f"{one.holder_name} revokes its consents for song 17194. What was licensed before stays.",
        *answers,
    )
    request = story.request(story.rows(), tier="private")
    refused = story.maker.say(VerifyGeneration(verification=new_id("ver"), request=request))
    if not refused.refused:
        raise DemoError("a revoked song was cleared")
    code = refused.entries[0].data["reasons"][0]["code"]
    story.say.tell(
        f"The same request again is refused: [bold]{code}[/bold]. {escape(EXPLAIN[code])}", refused
    )


def payout(story: Story) -> None:
    """Close a royalty statement, and pay it."""
    instance, say = story.instance, story.say
    say.chapter("A royalty statement, and the money moves")
    one = story.songs[17189]
    say.tell(f"{one.holder_name} is screened, and says where it is paid.", *_payable(story))
    closed = instance.operator().say(
        CloseRoyaltyStatement(
            statement=new_id("rst"),
            party=one.holder.party,
            month=earned_month(instance, story.generation),
            through=instance.feed.visible_head(),
        )
    )
    statement = closed.entries[0].data
    story.statement = statement["statement"]
    say.tell(
        f"Its royalty statement is closed: €{statement['accrued']['amount']} accrued,"
        f" €{statement['payable']['amount']} payable, €{statement['carried_out']['amount']}"
        " carried to the next one.",
        closed,
    )
    names = {row.recording: row.song.title for row in story.songs.values()}
    names |= {row.holder.party: row.holder_name for row in story.songs.values()}
    document = statement_document(instance.readings, statement["statement"], names=names)
    assert document is not None, "it was closed a moment ago"
    path = story.out / "royalty-statement.txt"
    path.write_text(document.text(), encoding="utf-8")
    say.aside(f"Each line with the position that it comes from: {path}")
    instructed = instance.operator().say(
        InstructPayout(
            payout=new_id("pay"), statement=statement["statement"], party=one.holder.party
        )
    )
    say.tell(
        f"A payout of €{instructed.entries[0].data['amount']['amount']} is instructed; the bank's"
        " message (ISO 20022 pain.001) lies in the outbox.",
        instructed,
    )
    say.tell("The bank answers that it has paid.", positions=_settle(story, instructed))


def earned_month(instance: Instance, generation: str) -> str:
    """Return the month (UTC) in which a generation earned; midnight may have passed since."""
    rows = instance.feed.events_of(f"job:{generation}", until=instance.feed.visible_head())
    (accrued,) = (row for row in rows if isinstance(row.event, RoyaltyAccrued))
    return month_of(accrued.time)


def _payable(story: Story) -> list[Answer]:
    instance, one = story.instance, story.songs[17189]
    screening, details = Private(), Private()
    expires = instance.clock().replace(microsecond=0)
    expires = expires.replace(year=expires.year + 1, day=min(expires.day, 28))
    return [
        instance.operator().say(
            RecordScreening(
                party=one.holder.party,
                outcome="clear",
                evidence=screening.commit("/evidence", "no hit on the consolidated list"),
                expires_at=format_instant(expires),
            ),
            openings=screening.openings,
        ),
        one.holder.say(
            ReplacePayeeDetails(
                party=one.holder.party,
                details=details.commit("/details", ACCOUNT),
                currency="EUR",
            ),
            openings=details.openings,
        ),
    ]


def _settle(story: Story, instructed: Answer) -> list[int]:
    """Be the bank: fetch the message, pay, and answer; then let the ledger take the answer in."""
    instance = story.instance
    instance.payouts.tell()
    key = instructed.entries[0].data["idempotency_key"][:35]
    answer = {
        "message": f"demo-{key}",
        "outcomes": [{"end_to_end_id": key, "status": "settled", "reference": "DEMO-BANK-1"}],
    }
    inbox = instance.settings.payouts / "inbox"
    partial = inbox / "answer.partial"
    partial.write_text(json.dumps(answer), encoding="utf-8")
    partial.replace(inbox / "answer.json")
    # The scheduler looks every two seconds; whoever is first takes it in, and it counts once.
    instance.payouts.take()
    payout, until = instructed.entries[0].data["payout"], time.monotonic() + TAKEN_S
    while not (settled := _settled(instance, payout)):
        if time.monotonic() > until:
            raise DemoError("the bank's answer was not taken in")
        # What comes next may be something else: the root of the index comes by itself.
        instance.feed.wait_beyond(instance.feed.visible_head(), LOOK_S)
    return settled


def _settled(instance: Instance, payout: str) -> list[int]:
    """Return the positions at which a payout is settled."""
    found = instance.feed.events_of(f"payout:{payout}", until=instance.feed.visible_head())
    return [one.position for one in found if one.event.TOPIC == "PayoutSettled"]
