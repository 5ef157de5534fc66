"""Verbs of consent: grant, show, change, revoke, affirm. Default is no."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from schemas.commands.consents import AffirmConsent, ChangeConsent, GrantConsent, RevokeConsent
from schemas.ids import check_id, new_id
from service.cli.ends import usage
from service.cli.options import Mandate, Since, Territory, Until, Without, Zone
from service.cli.run import Run
from service.cli.verbs import add_verbs, group, timed
from service.cli.when import begin_of, read_json
from service.cli.words import TEXT, Given, changed_words, new_words

ConsentArgument = Annotated[str, typer.Argument(help="A consent's id.")]
File = Annotated[str | None, typer.Argument(help="The whole consent as JSON; - reads stdin.")]
On = Annotated[
    list[str] | None,
    typer.Option(help="A recording or work, by id or title; can be repeated for one side."),
]
Catalog = Annotated[bool, typer.Option("--catalog", help="All that the party controls.")]
Capacity = Annotated[
    str | None, typer.Option(help="owner, publisher, writer, performer, representative.")
]
Uses = Annotated[
    list[str] | None, typer.Option("--use", help="song, parameter, audio, temporal, training.")
]
Parameters = Annotated[
    list[str] | None, typer.Option("--parameter", help="melody, guitar, …; or all.")
]
Reproduction = Annotated[
    bool | None, typer.Option("--reproduction/--no-reproduction", help="The sound is copied.")
]
Tiers = Annotated[
    list[str] | None,
    typer.Option("--tier", help="audition, preview, private, non_commercial, commercial."),
]
Purposes = Annotated[list[str] | None, typer.Option("--purpose", help="A purpose; or all.")]
Channels = Annotated[list[str] | None, typer.Option("--channel", help="A channel; or all.")]
Models = Annotated[list[str] | None, typer.Option("--model", help="A model's id; or all.")]
Modules = Annotated[list[str] | None, typer.Option("--module", help="generator, codec, ….")]
Floors = Annotated[list[str] | None, typer.Option("--floor", help="commercial=0.60EUR.")]
Currency = Annotated[str, typer.Option(help="Of floors that name none (ISO 4217).")]
MinimumWeight = Annotated[str | None, typer.Option(help="1/20, 0.05 or 5%.")]
NoticeDays = Annotated[int | None, typer.Option(min=0, help="How long a revocation waits.")]
InFlight = Annotated[str | None, typer.Option(help="complete or cancel what is under way.")]
Survives = Annotated[
    bool | None, typer.Option("--survives/--ends", help="Outputs made before stay licensed.")
]
Text = Annotated[Path | None, typer.Option(help="The text that was shown; its hash is kept.")]
Language = Annotated[str, typer.Option(help="Of the text (BCP 47).")]
"""The words of a consent, as parameters of `grant` and `change`."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    consent = group(app, "consent", "Consents: what is permitted. What is not named is not.")
    add_verbs(
        consent,
        {"grant": grant, "show": show, "change": change, "revoke": revoke, "affirm": affirm},
    )


def grant(
    run: Run,
    *,
    file: File = None,
    on: On = None,
    catalog: Catalog = False,
    capacity: Capacity = None,
    use: Uses = None,
    parameter: Parameters = None,
    reproduction: Reproduction = None,
    tier: Tiers = None,
    purpose: Purposes = None,
    channel: Channels = None,
    model: Models = None,
    module: Modules = None,
    territory: Territory = None,
    without: Without = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    floor: Floors = None,
    currency: Currency = "EUR",
    minimum_weight: MinimumWeight = None,
    notice_days: NoticeDays = None,
    in_flight: InFlight = None,
    survives: Survives = None,
    text: Text = None,
    language: Language = "en",
    grantor: Annotated[
        str | None, typer.Option(help="For whom, by --mandate; who speaks, if left out.")
    ] = None,
    mandate: Mandate = None,
) -> None:
    """Grant a consent, from options or from a file. Who speaks (`--as`) consents."""
    whose = run.party(grantor) if grantor else run.speaker
    if file is not None:
        words = {"consent": new_id("cns"), "grantor": whose, **read_json(file)}
    else:
        words = new_words(run, _given(locals()), whose)
        run.out.hint(f"What you say: {TEXT if text is None else text}")
    run.say(GrantConsent.read({"consent": words}), mandate=mandate)
    run.tell({"consent": words["consent"]})


def change(
    run: Run,
    *,
    consent: ConsentArgument,
    file: File = None,
    on: On = None,
    catalog: Catalog = False,
    capacity: Capacity = None,
    use: Uses = None,
    parameter: Parameters = None,
    reproduction: Reproduction = None,
    tier: Tiers = None,
    purpose: Purposes = None,
    channel: Channels = None,
    model: Models = None,
    module: Modules = None,
    territory: Territory = None,
    without: Without = None,
    since: Since = None,
    until: Until = None,
    zone: Zone = None,
    floor: Floors = None,
    currency: Currency = "EUR",
    minimum_weight: MinimumWeight = None,
    notice_days: NoticeDays = None,
    in_flight: InFlight = None,
    survives: Survives = None,
    text: Text = None,
    language: Language = "en",
    acts_from: Annotated[
        str | None, typer.Option(help="When the new words act; at once if left out.")
    ] = None,
    mandate: Mandate = None,
) -> None:
    """Change a consent: what is said replaces what stood there, the rest stays.

    Nobody changes what somebody else changed since it was read: then the ledger answers
    `scope_moved`, and the command is given again.
    """
    found = run.door.get(f"/v1/consents/{check_id(consent, 'cns')}")
    given = _given(locals())
    words = read_json(file) if file is not None else changed_words(run, given, found["consent"])
    begin = begin_of(acts_from, zone)
    acts = begin.model_dump(mode="json") if begin else None
    command = {"consent": {**words, "consent": consent}, "effective_from": acts}
    run.say(ChangeConsent.read(command), mandate=mandate, after=found["as_of"])
    run.tell({"consent": consent})


def _given(said: dict[str, Any]) -> Given:
    """Return the options that both verbs take."""
    named = {"uses": "use", "parameters": "parameter", "tiers": "tier", "purposes": "purpose",
             "channels": "channel", "models": "model", "modules": "module"}  # fmt: skip
    plain = ("catalog", "capacity", "reproduction", "territory", "without", "since", "until",
             "zone", "floor", "currency", "minimum_weight", "notice_days", "in_flight",
             "survives", "text", "language")  # fmt: skip
    return Given(
        assets=said["on"],
        lists={name: said[option] for name, option in named.items()},
        **{name: said[name] for name in plain},
    )


@timed
def show(
    run: Run,
    *,
    named: Annotated[
        str | None, typer.Argument(help="A consent's id, or a recording or work.")
    ] = None,
    party: Annotated[str | None, typer.Option(help="What a party permits.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is not in force at --valid-at.")
    ] = False,
) -> None:
    """Show a consent's words and versions, or what is permitted for an asset or by a party."""
    if named is not None and named.startswith("cns_"):
        found = run.door.get(f"/v1/consents/{named}", **run.axes)
        versions = [row["position"] for row in found["versions"]]
        shown = {**found["consent"], "revoked_from": found["revoked_from"], "versions": versions}
        run.out.facts(found if run.out.as_json else shown)
        return
    whose = run.party(party) if party else run.speaker if named is None else None
    asset = run.asset(named) if named else None
    query = {"asset": asset, "party": whose, "in_force": str(not everything).lower(), **run.axes}
    rows = run.door.get("/v1/permissions", **query)["items"]
    columns = ("subject", "party", "capacity", "uses", "tiers", "territories", "consent")
    run.out.rows(columns, rows)


def revoke(
    run: Run,
    *,
    consent: Annotated[str | None, typer.Argument(help="A consent's id.")] = None,
    asset: Annotated[
        str | None, typer.Option(help="Every consent of the party for this recording or work.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--everything", help="Every consent of the party.")
    ] = False,
    party: Annotated[str | None, typer.Option(help="Whose, by --mandate.")] = None,
    since: Since = None,
    zone: Zone = None,
    reason: Annotated[str | None, typer.Option(help="Why, in a few words.")] = None,
    mandate: Mandate = None,
) -> None:
    """Revoke one consent, all for one asset, or everything. Acts at once unless --from is later."""
    if [consent is not None, asset is not None, everything].count(True) != 1:
        raise usage("revoke one consent, or --asset, or --everything")
    begin = begin_of(since, zone)
    command = {
        "party": run.party(party) if party else run.speaker,
        "consent": consent,
        "asset": run.asset(asset) if asset else None,
        "everything": everything,
        "effective_from": begin.model_dump(mode="json") if begin else None,
        "reason": reason,
    }
    run.say(RevokeConsent.read(command), mandate=mandate)
    run.tell({"revoked": consent or command["asset"] or "everything"})


def affirm(run: Run, *, consent: ConsentArgument, mandate: Mandate = None) -> None:
    """Affirm a consent: countersign it, or end its being contested."""
    run.say(AffirmConsent.read({"consent": consent}), mandate=mandate)
    run.tell({"consent": consent})
