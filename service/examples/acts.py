"""The second half of the story: made, inspected, earned, paid, revoked, and looked at by all."""

from __future__ import annotations

import hashlib
from typing import Any

from service.examples.story import Cast, entry_of, request_of, words_of


def create(cast: Cast) -> None:
    """Ask, be refused, ask for less, and have it made."""
    cara = cast.people["Cara Studio"]
    quote = "/v1/quotes"
    cara.post("quote_generation", "not permitted", quote, request_of(cast, "commercial"))
    cara.post("quote_generation", "cleared", quote, request_of(cast, "private"))
    cara.say(
        "VerifyGeneration",
        "refused, with its reasons",
        {"request": request_of(cast, "commercial")},
        expect=403,
    )
    verified = cara.say("VerifyGeneration", "cleared", {"request": request_of(cast, "private")})
    cleared = entry_of(verified, "VerificationCleared")
    cast.generation = cleared["request"]["generation"]
    cara.say(
        "AuthorizeGeneration",
        "under a verification",
        {"verification": cleared["verification"]},
        expect=202,
    )
    path = f"/v1/generations/{cast.generation}"
    while cara.http.get(path, headers={"Prefer": "wait=30"}).json()["status"] == "authorized":
        pass
    found = cara.ask("get_generation", "completed", path)
    cast.output = found["output"]
    response = cara.http.get(cast.output["url"])
    cara.recorder.keep("download_artifact", "the whole file", response, None)
    cast.file = response.content
    cara.ask("list_generations", "my own", "/v1/generations")


def cancel(cast: Cast) -> None:
    """Cancel a generation when it is too late."""
    cara = cast.people["Cara Studio"]
    body = {"generation": cast.generation}
    cara.say("CancelGeneration", "too late", body, expect=409)


def inspect(cast: Cast) -> None:
    """Ask as a streaming service about the file, with it and without it."""
    house = cast.people["Stream House"]
    query = "?territory=DE&tier=private&channel=download"
    path = f"/v1/inspections{query}"
    headers = {"Content-Type": "audio/wav"}
    for case, content in (("as it was made", cast.file), ("tampered with", _tampered(cast.file))):
        response = house.http.post(path, content=content, headers=headers)
        house.recorder.keep("inspect_file", case, response, None)
    sha256 = hashlib.sha256(cast.file).hexdigest()
    house.post("inspect_file", "by its hash, without the file", path, {"file_sha256": sha256})
    unknown = {"file_sha256": "0" * 64}
    house.post("inspect_file", "nothing is known", path, unknown, expect=404)
    house.ask("get_output", "known by its id", f"/v1/outputs/{cast.output['output']}")


def _tampered(content: bytes) -> bytes:
    """Change one sample in the middle of the sound."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def earn(cast: Cast) -> None:
    """Ask as a holder where a song was used and what it earned."""
    song = cast.songs[0]
    anna = song.holder
    anna.ask("list_uses", "of my songs", "/v1/uses")
    anna.ask("list_earnings", "by recording", "/v1/earnings")
    anna.ask("list_refusals", "that concern me", "/v1/refusals")
    anna.ask("list_balances", "before the month is closed", "/v1/balances")
    anna.ask("list_postings", "of my account", "/v1/postings")
    anna.ask("list_permissions", "of a recording", f"/v1/permissions?asset={song.recording}")
    anna.ask("list_shares", "of a work", f"/v1/shares?asset={song.work}&country=DE")
    anna.ask("get_me", "a holder", "/v1/me")


def pay(cast: Cast) -> None:
    """Close the month, screen the payee, and instruct a payout."""
    officer, anna = cast.officer, cast.songs[0].holder
    details = {
        "name": "Anna Berg",
        "iban": "DE02120300000000202051",
        "bic": "BYLADEM1001",
        "country": "DE",
    }
    body: dict[str, Any] = {
        "party": anna.party,
        "details": {"private": details},
        "currency": "EUR",
    }
    replaced = anna.say("ReplacePayeeDetails", "my account", body)
    cast.officer.say(
        "RecordScreening",
        "no match",
        {
            "party": anna.party,
            "outcome": "clear",
            "evidence": {"private": "list of 2026-11-22, no match"},
            "expires_at": "2036-01-01T00:00:00Z",
        },
    )
    head = officer.http.get("/health").json()["head"]
    month = replaced["entries"][0]["recorded_at"][:7]
    closed = officer.say(
        "CloseRoyaltyStatement",
        "a month so far",
        {"party": anna.party, "month": month, "through": head},
    )
    statement = entry_of(closed, "RoyaltyStatementClosed")["statement"]
    anna.ask("list_royalty_statements", "mine", "/v1/royalty_statements")
    anna.ask("get_royalty_statement", "with its lines", f"/v1/royalty_statements/{statement}")
    body = {"statement": statement, "party": anna.party}
    instructed = officer.say("InstructPayout", "of a statement", body)
    payout = entry_of(instructed, "PayoutInstructed")["payout"]
    anna.ask("list_payouts", "on their way", "/v1/payouts")
    anna.ask("get_payout", "on its way", f"/v1/payouts/{payout}")
    anna.ask("get_payee", "nothing is missing", f"/v1/payees/{anna.party}")
    position = replaced["entries"][0]["position"]
    anna.ask("list_openings", "what only I may see", f"/v1/events/{position}/openings")


def change(cast: Cast) -> None:
    """Change a consent that was read, one that was not, and revoke it."""
    song = cast.songs[0]
    anna, name = song.holder, song.consents[0]
    path = f"/v1/consents/{name}"
    response = anna.http.get(path)
    anna.recorder.keep("get_consent", "with its ETag", response, None)
    words = words_of(song, "owner", {"recordings": [song.recording]}) | {"consent": name}
    wider = {"consent": words | {"tiers": ["preview", "private", "non_commercial"]}}
    anna.say("ChangeConsent", "without having read it", wider, expect=428)
    tag = {"If-Match": response.headers["etag"]}
    anna.say("ChangeConsent", "as it was read", wider, headers=tag)
    anna.say("ChangeConsent", "changed since it was read", wider, headers=tag, expect=412)
    anna.say("RevokeConsent", "from now on", {"party": anna.party, "consent": name})
    cara = cast.people["Cara Studio"]
    body = request_of(cast, "private")
    cara.post("quote_generation", "after a revocation", "/v1/quotes", body)


def look(cast: Cast) -> None:
    """Read the log as an auditor, and as others."""
    auditor = cast.people["Audit Office"]
    auditor.ask("list_events", "the first two", "/v1/events?limit=2")
    path = f"/v1/events?about={cast.generation}&types=GenerationCompleted"
    auditor.ask("list_events", "about a generation", path)
    auditor.ask("get_event", "with its proof", "/v1/events/2")
    auditor.ask("list_quarantine", "nothing", "/v1/quarantine")
    auditor.ask("get_checkpoint", "the newest", "/checkpoint")
    auditor.ask("get_proof", "of an entry", "/v1/entries/2/proof")
    auditor.ask("get_checkpoint_of", "as of a position", "/v1/checkpoint?as_of=5")
    auditor.ask("get_growth", "since five entries", "/v1/checkpoints/5/growth")
    auditor.ask("get_health", "alive", "/health")
    auditor.ask("get_ready", "ready", "/ready")
    for operation, path in (
        ("get_entry", "/v1/entries/2"),
        ("get_statement", "/v1/entries/2/statement"),
        ("get_receipt", "/v1/entries/2/receipt"),
        ("get_growth_receipt", "/v1/checkpoints/1/growth/receipt"),
        ("resolve_receipt", "/entries/2"),
        ("get_tile", "/tile/0/000.p/2"),
        ("list_log_keys", "/.well-known/scitt-keys"),
    ):
        auditor.ask(operation, "bytes", path)
    cast.officer.ask("list_tokens", "all", "/v1/tokens")


def browse(cast: Cast) -> None:
    """Look up who and what there is."""
    song, cara = cast.songs[0], cast.people["Cara Studio"]
    cara.ask("search_catalog", "by a title", "/v1/search?q=harbor")
    cara.ask("list_parties", "the first three", "/v1/parties?limit=3")
    cara.ask("get_party", "a rights holder", f"/v1/parties/{song.holder.party}")
    cara.ask("list_recordings", "all", "/v1/recordings")
    cara.ask("get_recording", "in full", f"/v1/recordings/{song.recording}")
    cara.ask("list_works", "all", "/v1/works")
    cara.ask("get_work", "in full", f"/v1/works/{song.work}")
    cara.ask("list_claims", "of a recording", f"/v1/claims?asset={song.recording}")
    cara.ask("list_models", "all", "/v1/models")
    cara.ask("list_tariffs", "in force", "/v1/tariffs")


def stumble(cast: Cast) -> None:
    """Do what goes wrong, and see how it is said."""
    nobody = cast.stage.person("", "")
    anna = cast.songs[0].holder
    nobody.ask("list_events", "without a token", "/v1/events", expect=401)
    anna.say("RegisterWork", "a number that is wrong", {"title": "X", "iswc": "T1"}, expect=400)
    body = {"kind": "organization", "name": "Another"}
    anna.say("RegisterParty", "without the role", body, expect=403)
    path = f"/v1/balances?party={cast.songs[1].holder.party}"
    anna.ask("list_balances", "of somebody else", path, expect=403)
    anna.ask("get_event", "not there", "/v1/events/999999", expect=404)
