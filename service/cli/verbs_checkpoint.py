"""The verb of the newest checkpoint, and of what others need to check by it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from service.cli.ends import EndError, usage
from service.cli.log_keys import opened, own_keys, signing, vkeys_of
from service.cli.offline import FORMAT as BUNDLE_FORMAT
from service.cli.receipts import growth_receipt, growth_since
from service.cli.run import Run
from service.cli.verbs import add_verbs, timed


def add_to(app: typer.Typer) -> None:
    """Add these verbs to the program."""
    add_verbs(app, {"checkpoint": checkpoint})


@timed
def checkpoint(
    run: Run,
    *,
    vkey: Annotated[bool, typer.Option("--vkey", help="The log's verifier key instead.")] = False,
    policy: Annotated[
        bool, typer.Option("--policy", help="A policy file that trusts this log alone.")
    ] = False,
    bundle: Annotated[
        Path | None, typer.Option(help="Write what `inspect --offline` must trust to this file.")
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(help="A checkpoint that you kept: get the proof that the log continues it."),
    ] = None,
    cose: Annotated[
        bool, typer.Option("--cose", help="With --since: a COSE receipt (RFC 9942), to --output.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes; stdout if left out.")
    ] = None,
) -> None:
    """Print the newest signed checkpoint (C2SP), or what others need to check by it.

    With --as-of the one that commits to what was recorded then. What --since prints is proven
    offline: `liner prove FILE --vkey KEY`, a COSE receipt with `--since` and what you kept.
    """
    if [vkey, policy, bundle is not None, since is not None].count(True) > 1:
        raise usage("give one of --vkey, --policy, --bundle, --since")
    if run.axes and (vkey or policy or bundle or since or run.options.valid_at):
        raise usage("--as-of is for the checkpoint itself, which has no other axis")
    if cose:
        if since is None or output is None:
            raise usage("--cose goes with --since and --output: a receipt is bytes")
        output.write_bytes(growth_receipt(run.door, since))
        run.out.facts({"saved": str(output)})
        return
    if bundle is not None:
        _write_bundle(run, bundle)
        run.out.facts({"bundle": str(bundle)})
        return
    text = _checkpoint_text(run, vkey=vkey, policy=policy, since=since)
    if output is None:
        run.out.raw(text)
        return
    output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    run.out.facts({"saved": str(output)})


def _checkpoint_text(run: Run, *, vkey: bool, policy: bool, since: Path | None) -> str:
    if since is not None:
        return json.dumps(growth_since(run.door, since), indent=1, ensure_ascii=False)
    if vkey:
        # The newest is trusted for longest; by it an audit believes those before.
        return vkeys_of(run.door.origin, signing(own_keys(run.door), "checkpoint"))[-1]
    if run.options.as_of is not None:
        return run.door.get_raw(f"/v1/checkpoint?as_of={quote(run.options.as_of)}").decode()
    return run.door.get_raw("/policy.txt" if policy else "/checkpoint").decode()


def _write_bundle(run: Run, path: Path) -> None:
    """Write a bundle: policy, all entry keys there were, and trust anchors as position 1 says."""
    from hashlib import sha256  # noqa: PLC0415 - only a bundle has anchors

    anchors = run.settings.claim_anchors or run.settings.authority / "root.pem"
    if not anchors.exists():
        text = "a bundle holds the certificates of the ledger's own folder: give --home"
        raise EndError("no_instance", text)
    pem = anchors.read_bytes()
    if sha256(pem).hexdigest() not in opened(run.door)["trust_anchors_sha256"]:
        run.out.hint("These trust anchors are not the ones that position 1 names.")
    entry = [one for one in own_keys(run.door) if one.role == "entry"]
    content = {
        "format": BUNDLE_FORMAT,
        "origin": run.door.origin,
        "policy": run.door.get_raw("/policy.txt").decode(),
        "anchors_pem": pem.decode("ascii"),
        "entry_keys": {one.key: one.public_key for one in entry},
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
