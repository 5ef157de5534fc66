"""Verbs of money: where a song was used, what it earned, royalty statements, payouts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer

from schemas.commands.parties import RecordScreening, ReplacePayeeDetails
from schemas.commands.royalties import (
    CloseRoyaltyStatement,
    InstructPayout,
    PlaceHold,
    ReleaseHold,
)
from schemas.ids import check_id, new_id
from schemas.money import format_amount, parse_amount
from schemas.period import format_instant
from service.cli.ends import usage
from service.cli.options import OptionalParty, PartyArgument
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed

USES_MAX: Final = 200
SCREENED_DAYS: Final = 365
"""Uses of one page, and how long a screening holds if nothing else is said."""

StatementArgument = Annotated[str, typer.Argument(help="A royalty statement's id.")]
PayoutArgument = Annotated[str, typer.Argument(help="A payout's id.")]
HoldReason = Annotated[
    str, typer.Option(help="kyc, sanctions, tax, bank_details, deceased, court_order.")
]
BankReference = Annotated[str, typer.Option(help="How the bank names what it did.")]
"""Parameters of several verbs here."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(app, {"uses": uses})
    add_verbs(app, {"balance": balance})
    royalties = group(app, "royalties", "Royalty statements: what a month earned.", lists=True)
    add_verbs(royalties, {"list": list_statements, "close": close, "show": show})
    payout = group(app, "payout", "Payouts, and what they wait for.", lists=True)
    add_verbs(
        payout,
        {
            "list": list_payouts,
            "show": show_payout,
            "payee": payee,
            "screen": screen,
            "details": details,
            "instruct": instruct,
            "settle": settle,
            "fail": fail,
            "return": return_payout,
            "hold": hold,
            "release": release,
        },
    )


@timed
def uses(
    run: Run,
    *,
    asset: Annotated[
        str | None, typer.Argument(help="A recording or work; all of the party, if left out.")
    ] = None,
    party: Annotated[str | None, typer.Option(help="Whose; who speaks, if left out.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=USES_MAX)] = 50,
) -> None:
    """Where was my song used, and what did it earn? Newest first; no row says who created."""
    query: dict[str, Any] = {"limit": limit, **run.axes}
    if asset is not None:
        query["asset"] = run.asset(asset)
    else:
        query["party"] = _whose(run, party)
    rows = run.door.get("/v1/uses", **query)["items"]
    columns = ("position", "generation", "title", "taken", "tier", "step", "earned")
    shown = rows if run.out.as_json else map(_use_row, rows)
    run.out.rows(columns, shown, right=("position", "earned"))


def _use_row(use: dict[str, Any]) -> dict[str, Any]:
    """Return a use as one line: what was taken of the song, how far it came, what it earned."""
    taken = [f"{row['use']} as {row['role']} {row['weight']}" for row in use["references"]]
    sums: dict[str, int] = {}
    for leg in use["legs"]:
        sums[leg["currency"]] = sums.get(leg["currency"], 0) + parse_amount(leg["amount"]["amount"])
    return {
        **use,
        "title": next((row["title"] for row in use["references"]), ""),
        "taken": taken,
        "step": use["step"]["step"],
        "earned": [f"{format_amount(micro)} {currency}" for currency, micro in sums.items()],
    }


def _whose(run: Run, named: str | None) -> str | None:
    """Return the party that is asked about; None lets a token's own party be it."""
    if named is not None:
        return run.party(named)
    options = run.options
    is_abroad = bool(options.server) and not run.settings.instance.exists()
    return None if options.as_party is None and (options.token or is_abroad) else run.speaker


@timed
def balance(run: Run, *, party: OptionalParty = None) -> None:
    """Show what a party has: owed, pending, available, in flight, paid; a row a currency."""
    rows = run.door.get("/v1/balances", party=_whose(run, party), **run.axes)["items"]
    amounts = ("owed", "pending", "available", "carry", "in_flight", "paid")
    run.out.rows(("currency", *amounts), rows, right=amounts)


@timed
def list_statements(run: Run, *, party: OptionalParty = None) -> None:
    """List a party's closed royalty statements."""
    query = {"party": _whose(run, party), **run.axes}
    rows = run.door.get("/v1/royalty_statements", **query)["items"]
    columns = ("statement", "month", "number", "accrued", "payable", "carried_out", "position")
    run.out.rows(columns, rows, right=("accrued", "payable", "carried_out", "position"))


def close(
    run: Run,
    *,
    party: PartyArgument,
    month: Annotated[str | None, typer.Argument(help="2026-11; this month, if left out.")] = None,
    through: Annotated[
        int | None, typer.Option(help="The last position that counts; the newest, if left out.")
    ] = None,
) -> None:
    """Close a party's royalty statement for a month. By finance."""
    statement = new_id("rst")
    command = {
        "statement": statement,
        "party": run.party(party),
        "month": month or f"{datetime.now(UTC):%Y-%m}",
        "through": through or run.door.get("/health")["head"],
    }
    answer = run.say(CloseRoyaltyStatement.read(command))
    data = answer["entries"][0]["data"]
    run.tell({"statement": statement, "payable": data["payable"]["amount"]})


@timed
def show(run: Run, *, statement: StatementArgument) -> None:
    """Show a royalty statement with every line, each with the position of its accrual."""
    found = run.door.get(f"/v1/royalty_statements/{check_id(statement, 'rst')}", **run.axes)
    if run.out.as_json:
        run.out.document(found)
        return
    run.out.rows(
        ("position", "side", "recording", "generation", "amount"),
        found["lines"],
        right=("position", "amount"),
    )
    names = ("party", "month", "accrued", "carried_in", "payable", "carried_out", "lines_sha256")
    run.out.facts({name: found[name] for name in names})


@timed
def list_payouts(run: Run, *, party: OptionalParty = None) -> None:
    """List a party's payouts, each with the step at which it stands."""
    rows = run.door.get("/v1/payouts", party=_whose(run, party), **run.axes)["items"]
    columns = ("payout", "step", "statement", "month", "amount", "reason", "position")
    run.out.rows(columns, rows, right=("amount", "position"))


@timed
def show_payout(run: Run, *, payout: PayoutArgument) -> None:
    """Show the steps of one payout in their order."""
    rows = run.door.get(f"/v1/payouts/{check_id(payout, 'pay')}", **run.axes)["items"]
    run.out.rows(("position", "step", "amount", "reason", "time"), rows, right=("position",))


@timed
def payee(run: Run, *, party: OptionalParty = None) -> None:
    """Show whether a party can be paid: details, screening, holds."""
    whose = run.party(party) if party else run.speaker
    for row in run.door.get(f"/v1/payees/{whose}", **run.axes)["items"]:
        run.out.facts(row)


def screen(
    run: Run,
    *,
    party: PartyArgument,
    outcome: Annotated[str, typer.Argument(help="clear, or hit.")],
    evidence: Annotated[str, typer.Option(help="What was looked at; kept private.")],
    days: Annotated[int, typer.Option(min=1, help="How long it holds.")] = SCREENED_DAYS,
) -> None:
    """Record the result of screening a payee against sanctions lists. By a registrar."""
    from service.speaking import Private  # noqa: PLC0415 - only who commits to something needs it

    private = Private()
    expires = datetime.now(UTC) + timedelta(days=days)
    command = {
        "party": run.party(party),
        "outcome": outcome,
        "evidence": private.commit("/evidence", evidence).data(),
        "expires_at": format_instant(expires.replace(microsecond=0)),
    }
    run.say(RecordScreening.read(command), openings=private.openings)
    run.tell({"party": command["party"]})


def details(
    run: Run,
    *,
    name: Annotated[str, typer.Option(help="As the account is held.")],
    iban: Annotated[str, typer.Option(help="IBAN (ISO 13616), without blanks.")],
    bic: Annotated[str | None, typer.Option(help="BIC (ISO 9362).")] = None,
    country: Annotated[str | None, typer.Option(help="Of the holder's address.")] = None,
    currency: Annotated[str, typer.Option(help="In which to be paid (ISO 4217).")] = "EUR",
) -> None:
    """Say where one is paid (`--as`). Kept private: the log holds a commitment."""
    from service.payouts.details import read_details  # noqa: PLC0415 - brings bank numbers
    from service.speaking import Private  # noqa: PLC0415 - only who commits to something needs it

    private = Private()
    given = {"name": name, "iban": iban, "bic": bic, "country": country}
    value = read_details(given).model_dump(mode="json")
    command = {
        "party": run.speaker,
        "details": private.commit("/details", value).data(),
        "currency": currency,
    }
    run.say(ReplacePayeeDetails.read(command), openings=private.openings)
    run.tell({"party": run.speaker})


def instruct(run: Run, *, statement: StatementArgument) -> None:
    """Instruct the payment of what a closed statement made payable. By finance."""
    closed = run.door.get(f"/v1/royalty_statements/{check_id(statement, 'rst')}")
    payout = new_id("pay")
    command = {"payout": payout, "statement": statement, "party": closed["party"]}
    run.say(InstructPayout.read(command))
    run.tell({"payout": payout, "amount": f"{closed['payable']} {closed['currency']}"})


def settle(run: Run, *, payout: PayoutArgument, reference: BankReference) -> None:
    """Take in that the bank paid."""
    _hear(run, payout, "settled", reference, "")


def fail(
    run: Run,
    *,
    payout: PayoutArgument,
    reference: BankReference,
    reason: Annotated[str, typer.Option(help="What the bank says.")],
) -> None:
    """Take in that the bank did not pay; the amount is payable again."""
    _hear(run, payout, "failed", reference, reason)


def return_payout(
    run: Run,
    *,
    payout: PayoutArgument,
    reference: BankReference,
    reason: Annotated[str, typer.Option(help="What the bank says.")],
) -> None:
    """Take in that a payment came back; the payee is put on hold."""
    _hear(run, payout, "returned", reference, reason)


def _hear(run: Run, payout: str, status: str, reference: str, reason: str) -> None:
    """Put the bank's message where the payout provider finds it, and wait until the log has it."""
    from service.cli.bank import hear  # noqa: PLC0415 - writes the bank's files

    if run.options.server and not run.settings.instance.exists():
        raise usage("the bank's answers are files in the ledger's own folder: give --home")
    rows = hear(run, check_id(payout, "pay"), status, reference=reference, reason=reason)
    run.out.rows(("position", "step", "amount", "reason", "time"), rows, right=("position",))


def hold(run: Run, *, party: PartyArgument, reason: HoldReason) -> None:
    """Hold a party's payouts. Accrual continues. By finance."""
    whose = run.party(party)
    run.say(PlaceHold.read({"party": whose, "reason": reason}))
    run.tell({"party": whose})


def release(run: Run, *, party: PartyArgument, reason: HoldReason) -> None:
    """Release a hold: another officer than the one who placed it. By finance."""
    whose = run.party(party)
    run.say(ReleaseHold.read({"party": whose, "reason": reason}))
    run.tell({"party": whose})
