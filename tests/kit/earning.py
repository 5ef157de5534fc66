"""An instance on which something was earned: one generation, and a royalty statement to be paid."""

from __future__ import annotations

import json
from pathlib import Path

from schemas.commands.parties import RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import CloseRoyaltyStatement
from schemas.ids import new_id
from schemas.period import format_instant
from service.demo.paying import earned_month
from service.instance import Instance
from service.speaking import Private
from tests.kit.instance import Place
from tests.kit.sound import wait_ended

ACCOUNT = {"name": "Halyard Records", "iban": "DE75512108001245126199"}
"""A published example number, no account."""


def earn(place: Place) -> None:
    """Generate, screen the first owner, and close its royalty statement; nothing is instructed."""
    with place.open(work=True) as instance:
        generation = place.authorize(instance)
        wait_ended(instance, generation)
        payee = place.pieces[0].holder
        make_payable(instance, payee)
        statement = new_id("rst")
        closed = instance.operator().say(
            CloseRoyaltyStatement(
                statement=statement,
                party=payee,
                month=earned_month(instance, generation),
                through=instance.feed.visible_head(),
            )
        )
    earned = {"statement": statement, "payee": payee, "generation": generation}
    earned["payable"] = closed.entries[0].data["payable"]["amount"]
    (place.folder / "earned.json").write_text(json.dumps(earned))


def make_payable(instance: Instance, party: str) -> None:
    """Screen a party, and have it say where it is paid."""
    screening, details = Private(), Private()
    expires = instance.clock().replace(microsecond=0)
    expires = expires.replace(year=expires.year + 1, day=min(expires.day, 28))
    instance.operator().say(
        RecordScreening(
            party=party,
            outcome="clear",
            evidence=screening.commit("/evidence", "no hit"),
            expires_at=format_instant(expires),
        ),
        openings=screening.openings,
    )
    instance.speaker(party).say(
        ReplacePayeeDetails(
            party=party, details=details.commit("/details", ACCOUNT), currency="EUR"
        ),
        openings=details.openings,
    )


def earned(place: Place) -> dict[str, str]:
    """Return what `earn` has left behind: statement, payee, generation, payable amount."""
    found: dict[str, str] = json.loads(Path(place.folder / "earned.json").read_text())
    return found
