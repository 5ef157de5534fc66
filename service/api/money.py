"""What a party earned and was paid: balances, royalty statements, payouts. Its own alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from projections.catalog.queries import parties, recordings
from projections.royalties import queries
from projections.royalties.postings import payable
from projections.royalties.statement import StatementDocument, statement_document
from schemas.ids import check_id
from service.api.bodies import answer
from service.api.context import Context, Door, Who, readings, require_own
from service.api.described import operation
from service.api.listing import listed
from service.api.problems import DoorError
from service.api.shapes_money import (
    BalanceList,
    PayeeAnswer,
    PayoutList,
    PostingPage,
    RoyaltyStatement,
    RoyaltyStatementList,
)
from service.api.waiting import After, Axes, Seen, When

router: Final = APIRouter(prefix="/v1", dependencies=[Seen])

PAGE: Final = 500
"""Postings of one page: more than the 200 legs that one entry may have."""

Party = Annotated[str | None, Query(description="Whose; your own if left out.")]


@router.get(
    "/balances", **operation("list_balances", "holder", "What a party has", shape=BalanceList)
)
def list_balances(door: Door, who: Who, when: When, party: Party = None) -> Response:
    """Return owed, pending, available, in flight and paid, one row a currency."""
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose, "finance")
    found = queries.balances(readings(door), whose, **when.both)
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/postings",
    **operation("list_postings", "holder", "Each posting with its event", shape=PostingPage),
)
def list_postings(
    *, door: Door, who: Who, when: When, party: Party = None, after: After = 0
) -> Response:
    """Return what was posted to a party's account after a position; a credit is positive."""
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose, "finance")
    found = queries.postings(
        readings(door), account=payable(whose), after=after, limit=PAGE, **when.both
    )
    content = listed(found)
    content["next"] = None
    if len(found.rows) == PAGE:
        # The page may have ended inside an entry: leave its rows to the next one.
        last = found.rows[-1].position
        content["items"] = [row for row in content["items"] if row["position"] < last]
        content["next"] = content["items"][-1]["position"]
    return answer(content, headers={"Ledger-Position": str(found.position)})


@router.get(
    "/royalty_statements",
    **operation(
        "list_royalty_statements", "holder", "Closed royalty statements", shape=RoyaltyStatementList
    ),
)
def list_royalty_statements(door: Door, who: Who, when: When, party: Party = None) -> Response:
    """Return a party's closed royalty statements by month and number."""
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose, "finance")
    found = queries.statements(readings(door), whose, **when.both)
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/royalty_statements/{statement}",
    **operation("get_royalty_statement", "holder", "One royalty statement", shape=RoyaltyStatement),
)
def get_royalty_statement(
    statement: str, request: Request, door: Door, who: Who, when: When
) -> Response:
    """Return a royalty statement with every line, each with the position of its accrual.

    With `Accept: text/plain` it is the paper that people read, with the same numbers.
    """
    check_id(statement, "rst")
    document = statement_document(readings(door), statement, **when.both)
    if document is None:
        raise DoorError("not_found", f"{statement} was not closed by then")
    require_own(who, document.closed.party, "finance")
    document = replace(document, names=_names(door, document, when))
    if request.headers.get("accept", "").startswith("text/plain"):
        return Response(document.text(), media_type="text/plain; charset=utf-8")
    return answer(document.data())


def _names(door: Context, document: StatementDocument, when: Axes) -> dict[str, str]:
    """Return the name of the party and the titles of the recordings in a statement."""
    ask, party = readings(door), document.closed.party
    names = {row.party: row.name for row in parties(ask, party=party, limit=1, **when.both).rows}
    for recording in {line.recording for line in document.lines}:
        for row in recordings(ask, recording=recording, limit=1, **when.both).rows:
            names[row.recording] = row.title
    return {name: title for name, title in names.items() if title is not None}


@router.get("/payouts", **operation("list_payouts", "holder", "Payouts", shape=PayoutList))
def list_payouts(door: Door, who: Who, when: When, party: Party = None) -> Response:
    """Return a party's payouts, each with the step at which it stands."""
    whose = party or who.party
    check_id(whose, "pty")
    require_own(who, whose, "finance")
    found = queries.payouts(readings(door), whose, **when.both)
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/payouts/{payout}",
    **operation("get_payout", "holder", "The steps of one payout", shape=PayoutList),
)
def get_payout(payout: str, door: Door, who: Who, when: When) -> Response:
    """Return the steps of a payout in order; the last is where it stands."""
    check_id(payout, "pay")
    found = queries.payout(readings(door), payout, **when.both)
    if not found.rows:
        raise DoorError("not_found", f"{payout} was not instructed by then")
    require_own(who, found.rows[0].party, "finance")
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})


@router.get(
    "/payees/{party}",
    **operation("get_payee", "holder", "Can a party be paid", shape=PayeeAnswer),
)
def get_payee(party: str, door: Door, who: Who, when: When) -> Response:
    """Return what a payout to a party waits for: details, screening, holds."""
    check_id(party, "pty")
    require_own(who, party, "finance", "registrar")
    found = queries.payee(readings(door), party, **when.both)
    return answer(listed(found), headers={"Ledger-Position": str(found.position)})
