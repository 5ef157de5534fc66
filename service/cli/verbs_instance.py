"""Verbs of an instance: make one, tell its story, serve it, hand out tokens, look at its health."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from service.cli.ends import EndError, ExitCode, usage
from service.cli.keyring import private_file
from service.cli.run import Run
from service.cli.verbs import add_verbs, group

ORIGIN_DEFAULT: Final = "ledger.example/2026"
"""An origin for trying things out; a real one is a name that its operator owns."""

OPERATOR_TOKEN_ROLES: Final = ("auditor", "operator", "registrar", "finance", "platform")
"""The roles of the token that `init` prints."""


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(app, {"init": init, "demo": demo, "serve": serve, "doctor": doctor})
    token = group(app, "token", "Tokens for the HTTP door.")
    add_verbs(token, {"issue": issue, "revoke": revoke, "list": list_tokens})


def init(
    run: Run,
    *,
    name: Annotated[str, typer.Option(help="The operator's name.")] = "Operator",
    origin: Annotated[
        str, typer.Option(help="The log's origin: a name that the operator owns, and a year.")
    ] = ORIGIN_DEFAULT,
    currency: Annotated[str, typer.Option(help="ISO 4217; what is paid out.")] = "EUR",
    threshold_minor: Annotated[
        int, typer.Option(min=0, help="Smallest payout, in minor units of the currency.")
    ] = 5000,
    cool_off_hours: Annotated[
        int, typer.Option(min=0, help="How long new payee details wait before they are used.")
    ] = 0,
) -> None:
    """Make an instance: its keys, its log, its certificates. Prints the operator's token once."""
    # Founding makes certificates and registers the synthesizer: a heavy import, needed here alone.
    from ledger.evidence.errors import EvidenceError  # noqa: PLC0415
    from ledger.evidence.vkeys import check_key_name  # noqa: PLC0415
    from schemas.commands.log import Policy  # noqa: PLC0415
    from service.beginning import begin  # noqa: PLC0415
    from service.identity import Tokens  # noqa: PLC0415

    if run.options.server:
        raise usage("an instance is made in a folder, not on a server")
    try:
        check_key_name(origin)
    except EvidenceError as error:
        text = f"an origin is a name without blanks or plus signs, not {origin!r}"
        raise EndError("origin_invalid", text) from error
    policy = Policy.read(
        {
            "currency": currency,
            "payout_threshold_minor": threshold_minor,
            "payee_cool_off_hours": cool_off_hours,
        }
    )
    begin(run.settings, origin=origin, operator_name=name, policy=policy)
    facts = run.facts
    run.keyring.remember(facts.operator_party, name, OPERATOR_TOKEN_ROLES)
    token = Tokens(run.settings.tokens).issue(
        facts.operator_party, OPERATOR_TOKEN_ROLES, "operator"
    )
    told = {
        "home": str(run.settings.home),
        "register": str(run.settings.register_place),
        "origin": facts.origin,
        "operator": facts.operator_party,
        "verifier_key": facts.checkpoint_vkey,
        "model": facts.mosaic_model,
        "token": token,
    }
    run.out.facts(told)
    run.out.hint("The token is shown this once; the folder keeps its hash alone.")


def demo(
    run: Run,
    *,
    out: Annotated[Path, typer.Option(help="Where the demo puts what it makes.")] = Path("out"),
    audio: Annotated[
        Path | None, typer.Option(help="A folder of your own WAV, FLAC, MP3 or Ogg files.")
    ] = None,
) -> None:
    """Run the main job as a story: four songs, one generation, every cent and every proof."""
    from service.demo import run_demo  # noqa: PLC0415 - brings the synthesizer

    if run.options.as_json:
        raise usage("the demo tells a story; its log can be read as JSON with `liner events`")
    run_demo(out, audio)


def serve(
    run: Run,
    *,
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8710,
    public_bundles: Annotated[
        bool, typer.Option("--public-bundles", help="Hand the log's entries to everybody.")
    ] = False,
) -> None:
    """Serve the instance over HTTP until told to stop, and without a broker do all the rest too."""
    from service.leaving import leaving  # noqa: PLC0415 - a server needs all of it
    from service.observing.process import observed  # noqa: PLC0415 - a server needs all of it
    from service.serving import serve_ledger  # noqa: PLC0415 - likewise

    if run.options.server:
        raise usage("a service serves its own folder, not another service")
    origin = run.facts.origin

    def ready(url: str) -> None:
        run.out.document({"origin": origin, "url": url})
        run.out.say(f"{origin} at {url}")
        run.out.hint("Ctrl-C stops it. The reference is at /reference.")
        run.out.flush()

    with observed("api") as observing, leaving() as leave:
        serve_ledger(
            run.settings,
            host,
            port,
            observing=observing,
            ready=ready,
            leave=leave,
            public_bundles=public_bundles,
        )


def issue(
    run: Run,
    *,
    party: Annotated[str, typer.Argument(help="Whose token: an id or a registered name.")],
    role: Annotated[list[str], typer.Option(help="What it is for; can be repeated.")],
    label: Annotated[str, typer.Option("--name", help="What it is called in lists.")] = "token",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write it to this file instead.")
    ] = None,
) -> None:
    """Make a token for a party and show it this once."""
    from service.identity import Tokens  # noqa: PLC0415 - brings file locks

    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    whose = run.party(party)
    token = Tokens(run.settings.tokens).issue(whose, role, label)
    if output is not None:
        private_file(output, token + "\n")
    run.out.facts({"party": whose, "roles": sorted(role), "token": str(output or token)})


def revoke(
    run: Run,
    *,
    token_id: Annotated[str, typer.Argument(help="A token's id, which is not the token itself.")],
) -> None:
    """Refuse a token from now on, also in a service that runs."""
    from service.identity import Tokens  # noqa: PLC0415 - brings file locks

    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    Tokens(run.settings.tokens).revoke(token_id)
    run.out.facts({"token": token_id, "revoked": True})


def list_tokens(run: Run) -> None:
    """List the tokens of this instance; their secrets are nowhere."""
    from service.identity import Tokens  # noqa: PLC0415 - brings file locks

    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    rows = [record.public() for record in Tokens(run.settings.tokens).list()]
    run.out.rows(("id", "name", "party", "roles", "issued_at", "revoked_at"), rows)


def doctor(run: Run) -> ExitCode | None:
    """Look at what an instance needs: keys, log, register, audio, broker, room, clock, packages."""
    from service.cli.health import checks  # noqa: PLC0415 - tries packages

    rows = list(checks(run))
    run.out.rows(("check", "state", "said"), rows)
    bad = [row for row in rows if row["state"] == "bad"]
    if bad:
        raise EndError("unhealthy", f"{len(bad)} of {len(rows)} checks need attention")
    return None
