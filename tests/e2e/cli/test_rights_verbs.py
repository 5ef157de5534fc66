"""Verbs of parties, keys, mandates, recordings, works, shares, consents, tariffs, models.

A service holds the file all the while: each command finds it and talks to it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.ids import new_id
from tests.support.town import CREATOR, HOLDER, Town


def test_a_party_comes_with_a_key_of_its_own(served: Town) -> None:
    made = served.liner.data("party", "add", "Juniper & Daughters", "--isni", "0000000121032683")
    types = [row["type"] for row in made["entries"]]
    assert types == ["PartyRegistered", "KeyProposed", "KeyEnrolled"]
    key = served.liner.home / "keyring" / f"{made['party']}.key"
    assert key.stat().st_mode & 0o077 == 0
    shown = served.liner.data("party", "show", "juniper & daughters")
    assert [row["status"] for row in shown["keys"]] == ["enrolled"]
    history = served.liner.ok("events", "--about", "Juniper & Daughters", "--json").lines
    assert [row["type"] for row in history] == types
    before = str(made["entries"][0]["position"] - 1)
    assert "Juniper" not in served.liner.ok("party", "list", "--as-of", before).out
    served.liner.fails(64, "usage", "party", "add", "Too late", "--as-of", before)
    assert "Juniper & Daughters" in {
        row["name"] for row in served.liner.ok("party", "--json").lines
    }
    served.liner.fails(1, "name_unknown", "party", "show", "Nobody")
    served.liner.fails(
        1, "identifier_invalid", "party", "add", "Other", "--isni", "0000000000000000"
    )


def test_a_persons_name_stays_out_of_the_log(served: Town) -> None:
    made = served.liner.data("party", "add", "Ada Private", "--person", "--no-key")
    assert "key" not in made
    receipt = served.liner.data("events", "receipt", str(made["entries"][0]["position"]))
    assert "Ada Private" in json.dumps(receipt["openings"])
    assert b"Ada Private" not in json.dumps(receipt["entry"]).encode()
    found = served.liner.fails(1, "key_missing", "work", "add", "X", "--as", "Ada Private")
    assert "--as names a party whose key is here" in found.err


def test_a_name_that_two_bear_finds_neither(served: Town) -> None:
    for _ in range(2):
        served.liner.ok("party", "add", "Twin Records", "--no-key")
    served.liner.fails(1, "name_ambiguous", "balance", "Twin Records")


def test_keys_are_made_confirmed_rotated_and_revoked(served: Town) -> None:
    party = served.liner.data("party", "add", "Rotating Records")["party"]
    first = served.liner.ok("key", "--json").lines
    old = next(row["key"] for row in first if row["party"] == party)
    new = served.liner.data("key", "new", party)["key"]
    states = {row["key"]: row["state"] for row in served.liner.ok("key", "list", "--json").lines}
    assert (states[old], states[new]) == ("signs", "waits")
    served.liner.ok("key", "confirm", new, "--as", party)
    states = {row["key"]: row["state"] for row in served.liner.ok("key", "list", "--json").lines}
    assert (states[old], states[new]) == ("replaced", "signs")
    served.liner.ok("key", "revoke", old, "--reason", "rotated", "--as", party)
    served.liner.ok("work", "add", "Said with the new key", "--as", party)
    served.liner.fails(1, "key_not_valid", "key", "confirm", new)
    served.liner.fails(1, "key_unknown", "key", "revoke", new_id("key"), "--reason", "lost")
    served.liner.fails(1, "value_unknown", "key", "revoke", new, "--reason", "bored")


def test_a_mandate_lets_one_act_for_another_until_it_ends(served: Town) -> None:
    served.liner.ok("party", "add", "Agent & Sons")
    wanted = ["--to", "Agent & Sons", "--capacity", "owner", "--use", "song", "--territory", "DE"]
    made = served.liner.data("mandate", "grant", *wanted, "--as", HOLDER)
    consent = ["consent", "grant", "--on", "Harbor", "--use", "song", "--tier", "private",
               "--territory", "DE", "--capacity", "representative", "--grantor", HOLDER,
               "--as", "Agent & Sons"]  # fmt: skip
    served.liner.fails(1, "not_controller", *consent)
    given = served.liner.data(*consent, "--mandate", made["mandate"])
    assert given["entries"][0]["data"]["consent"]["grantor"] == served.ids["holder"]
    served.liner.ok("mandate", "revoke", made["mandate"], "--reason", "over", "--as", HOLDER)
    served.liner.fails(1, "not_controller", *consent, "--mandate", made["mandate"])
    served.liner.fails(1, "territory_unknown", "mandate", "grant", *wanted, "--without", "Atlantis")


def test_recordings_are_registered_from_real_audio_alone(served: Town, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF\x00\x00\x00\x00WAVEfmt ")
    text = tmp_path / "notes.txt"
    text.write_text("no audio at all")
    add = ("recording", "add")
    named = ("--title", "T", "--artist", "A")
    head = served.liner.ok("events", "--limit", "1").rows[0][0]
    served.liner.fails(1, "file_missing", *add, str(tmp_path / "none.wav"), *named)
    for path in (broken, text):
        done = served.liner.fails(1, "audio_unreadable", *add, str(path), *named)
        assert str(path) not in done.err or path.name in done.err
    stem = f"guitar={tmp_path / 'none.wav'}"
    served.liner.fails(1, "file_missing", *add, str(served.audio), *named, "--stem", stem)
    served.liner.fails(
        1, "identifier_invalid", *add, str(served.audio), *named, "--isrc", "nonsense"
    )
    served.liner.fails(64, "usage", *add, str(served.audio), *named, "--stem", "guitar")
    served.liner.fails(64, "usage", *add, str(served.audio))
    since = served.liner.ok("events", "list", "--after", head, "--json").lines
    # What the service says by itself each minute is about the index, and comes when it comes.
    assert {row["type"] for row in since} <= {"IndexRootPublished"}, "nothing is half-registered"


def test_recordings_have_singers_credits_and_a_place_in_models(served: Town) -> None:
    made = served.liner.data("recording", "add", str(served.audio), "--title", "Second", "--artist",
                           "B", "--isrc", "DEA123456789", "--as", HOLDER)  # fmt: skip
    assert made["entries"][0]["data"]["isrc"] == "DEA123456789"
    said = ["recording", "vocals", "DEA123456789", "performers", "--singer", f"{CREATOR}=voice"]
    vocals = served.liner.data(*said, "--as", HOLDER)
    served.liner.ok("recording", "confirm", vocals["credit"], "--vocals")
    named = ["--role", "singer", "--vocal", "--stem", "voice", "--as", HOLDER, "--confirm"]
    credit = served.liner.data("recording", "credit", "Second", CREATOR, *named)
    assert [row["type"] for row in credit["entries"]][-1] == "ContributorCredited"
    served.liner.ok("recording", "restrict", "Second", "--purpose", "political", "--as", CREATOR)
    served.liner.ok("recording", "unrestrict", "Second", "--as", CREATOR)
    enter = ("recording", "enter", "Second", "--model", "mosaic")
    served.liner.fails(1, "no_consent", *enter)
    served.liner.ok("share", "claim", "Second", "1", "--as", HOLDER, "--confirm")
    served.liner.ok("consent", "grant", "--on", "Second", "--use", "song", "--as", HOLDER)
    served.liner.ok(*enter)
    served.liner.ok("recording", "leave", "Second", "--model", "mosaic", "--reason", "asked to")
    listed = served.liner.ok("recording", "--json").lines
    assert {row["title"] for row in listed} == {"Harbor", "Second"}
    shown = served.liner.data("recording", "show", "DE-A12-34-56789")
    assert (shown["vocals"][-1]["vocals"], shown["inference_sets"]) == ("performers", [])
    served.liner.fails(1, "not_controller", "recording", "enter", "Second", "--model", "mosaic",
                     "--as", HOLDER)  # fmt: skip
    served.liner.fails(64, "usage", "recording", "vocals", "Second", "somebody")
    served.liner.fails(1, "unknown_id", "recording", "confirm", new_id("crd"))


def test_works_are_linked_and_may_be_free(served: Town, tmp_path: Path) -> None:
    work = served.liner.data("work", "add", "Old song", "--iswc", "T0345246801", "--as", HOLDER)[
        "work"
    ]
    link = served.liner.data("work", "link", "Harbor", work, "--as", HOLDER)["link"]
    served.liner.ok("work", "confirm", link)
    assert served.liner.data("work", "show", "T-034.524.680-1")["links"][0]["status"] == "confirmed"
    paper = tmp_path / "evidence.txt"
    paper.write_text("died in 1900")
    free = served.liner.data("work", "public-domain", work, "--evidence", str(paper))
    assert free["entries"][0]["type"] == "WorkDeclaredPublicDomain"
    assert "Old song" in {row["title"] for row in served.liner.ok("work", "list", "--json").lines}
    served.liner.fails(1, "unknown_id", "work", "confirm", new_id("lnk"))
    served.liner.fails(1, "identifier_invalid", "work", "add", "X", "--iswc", "T0345246802")
    served.liner.fails(1, "not_controller", "work", "public-domain", work, "--evidence", str(paper),
                     "--as", HOLDER)  # fmt: skip
    served.liner.fails(1, "file_missing", "work", "public-domain", work, "--evidence", "none")


def test_shares_are_claimed_confirmed_and_withdrawn(served: Town) -> None:
    work = served.liner.data("work", "add", "Shared song", "--as", HOLDER)["work"]
    share = served.liner.data("share", "claim", work, "1/3", "--as", HOLDER)["share"]
    assert served.liner.ok("share", "show", work).out == ""
    served.liner.ok("share", "confirm", share)
    (row,) = served.liner.ok("share", "show", work, "--json").lines
    assert (row["fraction"], row["party"]) == ("1/3", served.ids["holder"])
    whole = served.liner.data("share", "claim", work, "100%", "--as", HOLDER)["share"]
    served.liner.fails(1, "share_exceeds_whole", "share", "confirm", whole)
    part = served.liner.data("share", "claim", work, "0.25", "--party", CREATOR)["share"]
    served.liner.ok("share", "confirm", part, "--reduces", share, "--as", HOLDER)
    fractions = {row["party"]: row["fraction"]
                 for row in served.liner.ok("share", "show", work, "--json").lines}  # fmt: skip
    assert fractions == {served.ids["holder"]: "1/12", served.ids["creator"]: "1/4"}
    served.liner.ok("share", "withdraw", part, "--reason", "an error", "--as", CREATOR)
    assert served.liner.data("share", "show", part)["status"] == "withdrawn"
    served.liner.fails(
        1, "not_controller", "share", "withdraw", share, "--reason", "x", "--as", CREATOR
    )
    served.liner.fails(1, "number_invalid", "share", "claim", work, "a third", "--as", HOLDER)
    served.liner.fails(1, "not_found", "share", "show", new_id("shr"))


def test_a_share_was_something_else_before(served: Town) -> None:
    work = served.liner.data("work", "add", "Song with a past", "--as", HOLDER)["work"]
    made = served.liner.data("share", "claim", work, "1", "--as", HOLDER, "--confirm")
    at = made["entries"][-1]["position"]
    assert served.liner.ok("share", "show", work, "--as-of", str(at - 1)).out == ""
    assert len(served.liner.ok("share", "show", work, "--as-of", str(at)).rows) == 1
    done = served.liner.fails(1, "behind", "share", "show", work, "--as-of", "100000")
    assert "ask again" in done.err
    served.liner.fails(1, "request_invalid", "share", "show", work, "--as-of", "yesterday")


def test_a_consent_is_granted_changed_shown_affirmed_and_revoked(served: Town) -> None:
    made = served.liner.data(
        "consent", "grant", "--on", "Harbor", "--use", "song", "--tier", "preview",
        "--territory", "DE,FR", "--without", "FR", "--from", "2026-01-01", "--until", "2030-12-31",
        "--zone", "Europe/Berlin", "--floor", "preview=0.05EUR", "--minimum-weight", "5%",
        "--notice-days", "3", "--ends", "--as", HOLDER,
    )  # fmt: skip
    consent = made["consent"]
    words = served.liner.data("consent", "show", consent)["consent"]
    assert words["territories"] == {"include": ["DE", "FR"], "exclude": ["FR"]}
    assert words["effective_from"]["instant"] == "2025-12-31T23:00:00Z"
    assert words["floors"] == {"preview": {"amount": "0.05", "currency": "EUR"}}
    assert words["revocation"] == {"notice_days": 3, "in_flight": "complete", "survives": False}
    changed = served.liner.data(
        "consent", "change", consent, "--tier", "preview,private", "--as", HOLDER
    )
    assert changed["entries"][0]["type"] == "ConsentWidened"
    assert served.liner.data("consent", "show", consent)["consent"]["tiers"] == [
        "preview",
        "private",
    ]
    before = ["consent", "show", consent, "--as-of", str(changed["entries"][0]["position"] - 1)]
    assert served.liner.data(*before)["consent"]["tiers"] == ["preview"]
    served.liner.ok("consent", "affirm", consent, "--as", HOLDER)
    revoked = served.liner.data("consent", "revoke", consent, "--as", HOLDER)
    assert revoked["entries"][0]["type"] == "ConsentRevoked"
    shown = served.liner.ok("consent", "show", "Harbor", "--json").lines
    assert consent in {row["consent"] for row in shown}, "notice was agreed: it still stands"


def test_a_consent_comes_from_a_file(served: Town) -> None:
    words = served.liner.data("consent", "show", served.ids["consent"])["consent"]
    for name in ("consent", "grantor"):
        del words[name]
    words["tiers"] = ["preview"]
    made = served.liner.data("consent", "grant", "-", "--as", HOLDER, stdin=json.dumps(words))
    assert made["entries"][0]["data"]["consent"]["tiers"] == ["preview"]
    unknown = {**words, "mood": "happy"}
    served.liner.fails(1, "consent_invalid", "consent", "grant", "-", stdin=json.dumps(unknown))


@pytest.mark.parametrize(
    ("code", "name", "arguments"),
    [
        (64, "usage", ["grant"]),
        (64, "usage", ["grant", "--on", "Harbor", "--catalog"]),
        (64, "usage", ["grant", "--on", "Harbor", "--on", "Harbor, the work"]),
        (1, "tier_unknown", ["grant", "--on", "Harbor", "--tier", "free"]),
        (1, "timezone_required", ["grant", "--on", "Harbor", "--from", "2026-01-01"]),
        (1, "not_controller", ["grant", "--on", "Harbor", "--as", CREATOR]),
        (64, "usage", ["revoke"]),
        (1, "unknown_id", ["revoke", "cns_01m81g89sef45svp82ss656vs9", "--as", HOLDER]),
        (1, "not_found", ["show", "cns_01m81g89sef45svp82ss656vs9"]),
        (1, "not_found", ["change", "cns_01m81g89sef45svp82ss656vs9", "--tier", "preview"]),
        (1, "identifier_invalid", ["change", "cns_nonsense", "--tier", "preview"]),
    ],
)
def test_a_consent_that_cannot_be(served: Town, code: int, name: str, arguments: list[str]) -> None:
    served.liner.fails(code, name, "consent", *arguments)


def test_a_tariff_is_published_and_withdrawn(served: Town) -> None:
    made = served.liner.data("tariff", "publish", "--name", "Sync", "--price", "commercial=2.00USD",
                           "--pool-rate", "7/10")  # fmt: skip
    listed = {row["tariff"]: row for row in served.liner.ok("tariff", "list", "--json").lines}
    assert listed[made["tariff"]]["prices"] == {"commercial": {"amount": "2.00", "currency": "USD"}}
    served.liner.ok("tariff", "withdraw", made["tariff"], "--reason", "a mistake")
    listed = {row["tariff"]: row for row in served.liner.ok("tariff", "--json").lines}
    assert listed[made["tariff"]]["state"] == "ended"
    file = json.dumps({"name": "F", "rows": [], "pool_rate": "1/2"})
    served.liner.fails(1, "value_unknown", "tariff", "publish", "-", stdin=file)
    served.liner.fails(64, "usage", "tariff", "publish")
    served.liner.fails(1, "tariff_overlap", "tariff", "publish", "--price", "private=0.20")
    served.liner.fails(
        1, "not_controller", "tariff", "publish", "--price", "audition=0", "--as", HOLDER
    )


def test_a_model_is_registered_and_retired(served: Town) -> None:
    event = served.liner.ok("model", "list", "--json").lines[0]
    kept = {"name", "version", "provider", "weights_sha256", "training", "license", "capabilities"}
    command = {name: event[name] for name in kept} | {"name": "other"}
    made = served.liner.data("model", "register", "-", stdin=json.dumps(command))
    assert made["entries"][0]["type"] == "ModelRegistered"
    served.liner.fails(1, "name_ambiguous", "quote", *served.ref())
    served.liner.ok("model", "retire", "other", "--reason", "a test")
    states = {row["name"]: row["state"] for row in served.liner.ok("model", "--json").lines}
    assert states == {"mosaic": "stands", "other": "ended"}
    served.liner.ok("quote", *served.ref())
    served.liner.fails(2, "not_in_inference_set", "quote", *served.ref("--model", "other"))
    served.liner.fails(1, "name_unknown", "model", "retire", "third", "--reason", "x")
    served.liner.fails(1, "file_missing", "model", "register", "none.json")
