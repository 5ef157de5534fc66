"""What the story does not need and the API offers too: each said once, after the story."""

from __future__ import annotations

import hashlib
from typing import Any

from schemas import canonical
from schemas.commands.parties import EnrollKey
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from schemas.lists import KeyRole
from service.examples.recorder import Person
from service.examples.story import WORLD, Cast, entry_of
from service.speaking import say


def keys(cast: Cast) -> None:
    """Enroll a key of one's own by its own signature, have it confirmed, and revoke it."""
    anna, key = cast.songs[0].holder, SigningKey.generate(new_id("key"))
    _propose(cast, "a key proposes itself", key, anna.party, "holder")
    cast.officer.say("ConfirmKey", "confirmed by a registrar", {"key": key.kid})
    anna.say("RevokeKey", "lost", {"key": key.kid, "reason": "lost"})


def log_keys(cast: Cast) -> None:
    """Replace the key by which entries are signed: proposed by the new one, which goes on alone."""
    facts, officer, new = cast.stage.instance.facts, cast.officer, cast.stage.successor
    _propose(cast, "a key of the ledger proposes itself", new, facts.ledger_party, "entry")
    officer.say("ConfirmKey", "the ledger's own, by its operator", {"key": new.kid})
    old = cast.stage.instance.keys.entry.kid
    officer.say("RevokeKey", "the ledger's own, replaced", {"key": old, "reason": "rotated"})


def _propose(cast: Cast, case: str, key: SigningKey, party: str, role: KeyRole) -> None:
    command = EnrollKey(
        key=key.kid,
        party=party,
        public_key=canonical.b64u(key.public),
        roles=(role,),
    )
    ledger = cast.stage.instance.facts.origin
    now = cast.stage.instance.clock()
    said = say(command, actor=party, key=key, ledger=ledger, now=now)
    body = {"statement": canonical.b64u(said.raw), "openings": []}
    cast.officer.post("submit_statement", case, "/v1/statements", body, expect=201)


def mandates(cast: Cast) -> None:
    """Let somebody act for oneself, and end it."""
    anna, bo = (song.holder for song in cast.songs)
    body = {
        "grantor": anna.party,
        "mandatee": bo.party,
        "capacities": ["owner"],
        "uses": ["song"],
        "territories": {"include": ["DE"], "exclude": []},
        "effective_from": {"date": "2026-01-01", "zone": "Europe/Berlin"},
        "effective_until": {"date": "2035-12-31", "zone": "Europe/Berlin"},
    }
    granted = anna.say("GrantMandate", "for one country and ten years", body)
    mandate = entry_of(granted, "MandateGranted")["mandate"]
    anna.say("RevokeMandate", "ended", {"mandate": mandate, "reason": "done"})


def credits_and_stems(cast: Cast) -> None:
    """Credit a performer, who then objects to a purpose; register a stem."""
    song, bo = cast.songs[0], cast.songs[1].holder
    body = {"asset": song.recording, "party": bo.party, "role": "guitar", "featured": True}
    answer = song.holder.say("CreditContributor", "a guitarist", body)
    credit = entry_of(answer, "ContributorCreditProposed")["credit"]
    cast.officer.say("ConfirmCredit", "confirmed", {"credit": credit})
    restriction = {"asset": song.recording, "purposes": ["political"]}
    bo.say("DeclareMoralRestriction", "not for politics", restriction)
    bo.say("LiftMoralRestriction", "lifted", {"asset": song.recording})
    audio = bo.http.get(f"/v1/recordings/{cast.songs[1].recording}").json()["audio"]
    stem = {"recording": song.recording, "stem": "guitar", "audio": audio}
    song.holder.say("RegisterStem", "a guitar by itself", stem)


def assets(cast: Cast) -> None:
    """Take a recording out of a model's set, and back from a share; declare the public domain."""
    song, officer = cast.songs[1], cast.officer
    model = cast.stage.instance.facts.mosaic_model
    body = {"recording": song.recording, "model": model, "reason": "asked by its owner"}
    officer.say("LeaveInferenceSet", "taken out", body)
    share = song.shares[0]
    tag = song.holder.http.get(f"/v1/shares/{share}").headers["etag"]
    song.holder.say(
        "WithdrawShare",
        "sold elsewhere",
        {"share": share, "reason": "sold"},
        headers={"If-Match": tag},
    )
    song.holder.say("AffirmConsent", "said again", {"consent": song.consents[1]})
    work = song.holder.say("RegisterWork", "an old song", {"title": "Greensleeves"})
    evidence = hashlib.sha256(b"printed 1584").hexdigest()
    name = entry_of(work, "WorkRegistered")["work"]
    officer.say("DeclarePublicDomain", "old", {"work": name, "evidence_sha256": evidence})


def terms(cast: Cast) -> None:
    """Publish and withdraw a tariff; register and retire a model version."""
    officer = cast.officer
    row = {
        "tier": "non_commercial",
        "channels": ["download"],
        "territories": WORLD,
        "price": {"amount": "1.00", "currency": "EUR"},
    }
    body: dict[str, Any] = {"name": "Trial", "rows": [row], "pool_rate": "60%"}
    published = officer.say("PublishTariff", "one tier", body)
    tariff = entry_of(published, "TariffPublished")["tariff"]
    officer.say("WithdrawTariff", "withdrawn", {"tariff": tariff, "reason": "the trial is over"})
    known = officer.http.get("/v1/models").json()["items"][0]
    kept = ("name", "provider", "weights_sha256", "training", "license", "capabilities")
    body = {name: known[name] for name in kept} | {"version": "0.9.0"}
    registered = officer.say("RegisterModel", "an older version", body)
    model = entry_of(registered, "ModelRegistered")["model"]
    officer.say("RetireModel", "retired", {"model": model, "reason": "replaced"})


def holds(cast: Cast) -> None:
    """Hold payouts, and let another officer release them; record a death."""
    officer, bo = cast.officer, cast.songs[1].holder
    body = {"kind": "organization", "name": "Second Office"}
    second = entry_of(officer.say("RegisterParty", "an office", body), "PartyRegistered")["party"]
    other = cast.stage.person(cast.stage.tokens.issue(second, ["finance"], "Second"), second)
    hold = {"party": bo.party, "reason": "tax"}
    officer.say("PlaceHold", "a form is missing", hold)
    officer.say("ReleaseHold", "by the same officer", hold, expect=403)
    other.say("ReleaseHold", "by another officer", hold)
    evidence = hashlib.sha256(b"certificate").hexdigest()
    officer.say("DeclareDeath", "recorded", {"party": cast.dana, "evidence_sha256": evidence})


def forget(cast: Cast) -> None:
    """Erase what commitments hide: proofs and balances stay as they are."""
    bo = cast.songs[1].holder
    bo.say("RequestErasure", "of one's own", {"party": bo.party, "basis": "own_request"})


def doors(cast: Cast) -> None:
    """Use the few addresses that the story did not need."""
    officer = cast.officer
    kid = cast.stage.instance.keys.entry.kid
    officer.ask("get_log_key", "bytes", f"/.well-known/scitt-keys/{kid}")
    for operation, path in (
        ("get_witnessed_checkpoint", "/witnessed/checkpoint"),
        ("get_witnessed_tile", "/witnessed/tile/0/000.p/2"),
        ("get_policy", "/policy.txt"),
        ("get_problem_type", "/problems/not-yours"),
    ):
        officer.ask(operation, "as it is", path)
    _checks(cast, officer)
    officer.say("ReplaceWitnessPolicy", "no witness", {"witnesses": ["quorum none"]})
    officer.ask("get_reference", "a page", "/reference")
    issued = officer.post(
        "issue_token",
        "to be revoked",
        "/v1/tokens",
        {"party": officer.party, "roles": ["auditor"], "name": "for a day"},
        expect=201,
    )
    response = officer.http.delete(f"/v1/tokens/{issued['id']}")
    officer.recorder.keep("revoke_token", "revoked", response, None)
    _streams(cast, officer)


def _checks(cast: Cast, officer: Person) -> None:
    """Ask for what is provably complete, for what differs, and for the report of the day."""
    instance, song = cast.stage.instance, cast.songs[0]
    instance.indexer.publish()
    song.holder.ask("get_completeness", "all that touched it", f"/v1/index/{song.recording}")
    unused = new_id("rec")
    song.holder.ask("get_completeness", "non-use", f"/v1/index/{unused}")
    officer.ask(
        "get_audit_diff", "of a revocation and its month", "/v1/audit/diff?older=40&newer=60"
    )
    instance.assurer.report()
    officer.ask("get_assurance", "sound", "/v1/assurance")


def _streams(cast: Cast, officer: Person) -> None:
    """Ask the streams for their heads: what they carry are the events shown elsewhere."""
    for operation, path in (
        ("stream_events", "/v1/events/stream"),
        ("stream_progress", f"/v1/generations/{cast.generation}/progress"),
    ):
        response = officer.http.head(path)
        officer.recorder.keep(operation, "server-sent events", response, None)
