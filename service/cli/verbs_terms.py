"""Verbs of terms: tariffs, and model versions with what they can do and what they copy."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from schemas.commands.terms import PublishTariff, RegisterModel, RetireModel, WithdrawTariff
from schemas.ids import new_id
from service.cli.ends import usage
from service.cli.options import Reason, Since, Until, Zone
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed
from service.cli.when import money, pair, read_json, territories, window

File = Annotated[str | None, typer.Argument(help="The whole command as JSON; - reads stdin.")]
"""A parameter of several verbs here."""


STANDING: Final = frozenset({"published", "registered"})
"""What a tariff or a model is before it is withdrawn or retired."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    tariff = group(app, "tariff", "Tariffs: prices by tier, and the owners' part.", lists=True)
    add_verbs(tariff, {"publish": publish, "withdraw": withdraw, "list": list_tariffs})
    model = group(app, "model", "Model versions: what they can honor and copy.", lists=True)
    add_verbs(model, {"list": list_models, "register": register, "retire": retire})


def publish(
    run: Run,
    *,
    file: File = None,
    name: Annotated[str, typer.Option(help="What it is called.")] = "Tariff",
    price: Annotated[
        list[str] | None, typer.Option(help="private=0.10; one for each tier.")
    ] = None,
    currency: Annotated[str, typer.Option(help="Of prices that name none (ISO 4217).")] = "EUR",
    pool_rate: Annotated[str, typer.Option(help="The owners' part: 70%, 0.7 or 7/10.")] = "70%",
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
) -> None:
    """Publish a tariff, from options (world, all channels) or from a file. By the platform."""
    if file is not None:
        command = {"tariff": new_id("tar"), **read_json(file)}
    elif price:
        command = {
            "tariff": new_id("tar"),
            "name": name,
            "rows": [_row(tier, amount, currency) for tier, amount in map(pair, price)],
            "pool_rate": pool_rate,
            **window(since, until, zone),
        }
    else:
        raise usage("a tariff has prices: give a FILE, or --price private=0.10")
    run.say(PublishTariff.read(command))
    run.tell({"tariff": command["tariff"]})


def _row(tier: str, amount: str, currency: str) -> dict[str, Any]:
    return {
        "tier": tier,
        "channels": "all",
        "territories": territories(None, None),
        "price": money(amount, currency),
    }


def withdraw(
    run: Run, *, tariff: Annotated[str, typer.Argument(help="A tariff's id.")], reason: Reason
) -> None:
    """Withdraw a tariff. Authorizations that cite it keep it."""
    run.say(WithdrawTariff.read({"tariff": tariff, "reason": reason}))
    run.tell({"tariff": tariff})


@timed
def list_tariffs(run: Run) -> None:
    """List the tariffs, and whether they stand."""
    rows = run.door.get("/v1/tariffs", in_force="false", **run.axes)["items"]
    prices = [{**row, "prices": {r["tier"]: r["price"] for r in row["rows"]}} for row in rows]
    columns = ("tariff", "name", "state", "pool_rate", "prices", "position")
    run.out.rows(columns, map(_state, prices), right=("position",))


@timed
def list_models(run: Run) -> None:
    """List the model versions, and whether they stand."""
    rows = run.door.get("/v1/models", **run.axes)["items"]
    columns = ("model", "name", "version", "state", "position")
    run.out.rows(columns, map(_state, rows), right=("position",))


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "state": "stands" if row["status"] in STANDING else "ended"}


def register(
    run: Run, *, file: Annotated[str, typer.Argument(help="JSON; - reads stdin.")]
) -> None:
    """Register a model version from a file. By the platform."""
    command = {"model": new_id("mod"), **read_json(file)}
    run.say(RegisterModel.read(command))
    run.tell({"model": command["model"]})


def retire(
    run: Run,
    *,
    model: Annotated[str, typer.Argument(help="A model: its id or name.")],
    reason: Reason,
) -> None:
    """Retire a model version: it takes no new generations."""
    name = run.find("model", model)
    run.say(RetireModel.read({"model": name, "reason": reason}))
    run.tell({"model": name})
