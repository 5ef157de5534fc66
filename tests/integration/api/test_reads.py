"""Who may read what, and when a question is asked about: on a ledger with one generation."""

from __future__ import annotations

import httpx
import pytest

from service.api import waiting
from service.examples import acts
from service.examples.recorder import Person
from service.examples.story import Cast
from tests.integration.api.test_commands import problem


def ask(who: Person, path: str, **how: object) -> httpx.Response:
    response: httpx.Response = who.http.get(path, **how)  # type: ignore[arg-type]  # passed on
    return response


def anna(cast: Cast) -> Person:
    return cast.songs[0].holder


def bo(cast: Cast) -> Person:
    return cast.songs[1].holder


def test_money_is_read_by_oneself_finance_and_auditors(cast: Cast) -> None:
    whose = anna(cast).party
    auditor, house = cast.people["Audit Office"], cast.people["Stream House"]
    for path in ("balances", "postings", "royalty_statements", "payouts", "earnings"):
        for reader in (anna(cast), auditor, cast.officer):
            assert ask(reader, f"/v1/{path}?party={whose}").status_code == 200
        for reader in (bo(cast), house):
            problem(ask(reader, f"/v1/{path}?party={whose}"), 403, "not_yours")
    problem(ask(bo(cast), f"/v1/payees/{whose}"), 403, "not_yours")


def test_what_was_divided_adds_up(cast: Cast) -> None:
    owed = [
        ask(who, "/v1/balances").json()["items"][0]["owed"]["amount"]
        for who in (anna(cast), bo(cast))
    ]
    assert owed == ["0.150000", "0.050000"]
    postings = ask(anna(cast), "/v1/postings").json()["items"]
    assert sorted(row["amount"]["amount"] for row in postings) == ["0.075000", "0.075000"]


def test_uses_are_shown_to_those_whose_song_it_is_and_never_say_who_created(cast: Cast) -> None:
    cara = cast.people["Cara Studio"]
    song = cast.songs[0]
    found = ask(anna(cast), "/v1/uses")
    assert [row["recording"] for row in found.json()["items"]] == [song.recording]
    assert cara.party not in found.text
    assert ask(anna(cast), f"/v1/uses?asset={song.recording}").json()["items"]
    problem(ask(bo(cast), f"/v1/uses?asset={song.recording}"), 403, "not_yours")
    problem(ask(cara, f"/v1/uses?party={song.holder.party}"), 403, "not_yours")


def test_a_generation_is_its_creators_and_of_those_whose_rights_it_touches(cast: Cast) -> None:
    path = f"/v1/generations/{cast.generation}"
    cara = cast.people["Cara Studio"]
    assert ask(cara, path).json()["creator"] == cara.party
    assert ask(cast.people["Audit Office"], path).json()["creator"] == cara.party
    assert ask(anna(cast), path).json()["creator"] is None
    problem(ask(cast.people["Stream House"], path), 403, "not_yours")
    unknown = path[:-4] + "0000"
    problem(ask(cara, unknown), 404, "not_found")
    problem(ask(cara, "/v1/generations/rec_1"), 400, "identifier_invalid")


def test_a_refusal_tells_a_creator_why_and_not_whose_it_is(cast: Cast) -> None:
    cara, auditor = cast.people["Cara Studio"], cast.people["Audit Office"]
    mine = ask(cara, f"/v1/refusals?creator={cara.party}").json()["items"]
    reasons = [reason for row in mine for reason in row["reasons"]]
    assert reasons
    assert {reason["party"] for reason in reasons} == {None}
    holders = ask(anna(cast), "/v1/refusals").json()["items"]
    named = {reason["party"] for row in holders for reason in row["reasons"]}
    assert named == {anna(cast).party}
    recording = cast.songs[0].recording
    everything = ask(auditor, f"/v1/refusals?asset={recording}").json()["items"]
    assert {r["party"] for row in everything for r in row["reasons"]} == {
        anna(cast).party,
        bo(cast).party,
    }
    problem(ask(anna(cast), f"/v1/refusals?asset={recording}"), 403, "role_missing")
    problem(ask(anna(cast), f"/v1/refusals?creator={cara.party}"), 403, "not_yours")


def test_who_created_is_open_to_the_creator_and_auditors_alone(cast: Cast) -> None:
    cara = cast.people["Cara Studio"]
    path = f"/v1/events?about={cast.generation}&types=GenerationAuthorized"
    for reader, is_open in (
        (cara, True),
        (cast.people["Audit Office"], True),
        (anna(cast), False),
        (cast.officer, False),
    ):
        found = ask(reader, path)
        (event,) = found.json()["items"]
        assert (event["data"]["creator"] == cara.party) is is_open
        assert (event["actor"] == cara.party) is is_open
        openings = ask(reader, f"/v1/events/{event['position']}/openings").json()["items"]
        assert bool(openings) is is_open
        statement = ask(reader, f"/v1/entries/{event['position']}/statement")
        assert statement.status_code == (200 if is_open else 403)


def test_a_question_about_the_past_is_answered_as_it_was(cast: Cast) -> None:
    song = cast.songs[0]
    granted = ask(anna(cast), f"/v1/consents/{song.consents[0]}").json()
    position = granted["versions"][0]["position"]
    path = f"/v1/permissions?asset={song.recording}"
    before = ask(anna(cast), f"{path}&as_of={position - 1}").json()
    after = ask(anna(cast), f"{path}&as_of={position}").json()
    assert (before["as_of"], before["items"]) == (position - 1, [])
    assert [row["consent"] for row in after["items"]] == [song.consents[0]]
    gone = ask(anna(cast), f"/v1/consents/{song.consents[0]}?as_of={position - 1}")
    problem(gone, 404, "not_found")


def test_the_law_has_an_axis_of_its_own(cast: Cast) -> None:
    path = f"/v1/permissions?asset={cast.songs[0].recording}&valid_at="
    assert ask(anna(cast), path + "2020-01-01T00:00:00Z").json()["items"] == []
    assert ask(anna(cast), path + "2099-01-01T00:00:00Z").json()["items"]


@pytest.mark.parametrize("text", ["tomorrow", "-1", "2026-01-01T00:00:00", "now-1y", "1.5"])
def test_a_time_in_another_form_is_refused_with_its_place(cast: Cast, text: str) -> None:
    found = problem(ask(anna(cast), f"/v1/balances?as_of={text}"), 400, "request_invalid")
    assert found["errors"][0]["pointer"] == "/query/as_of"
    assert found["detail"].startswith("a position, an instant such as ")


def test_a_time_left_empty_is_not_left_out(cast: Cast) -> None:
    for axis in ("as_of", "valid_at"):
        found = problem(ask(anna(cast), f"/v1/balances?{axis}="), 400, "request_invalid")
        assert found["errors"][0]["pointer"] == f"/query/{axis}"


def test_a_position_that_is_not_there_yet_is_waited_for_and_then_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MIN_POSITION_S", 0.05)
    response = ask(anna(cast), "/v1/events?min_position=999999")
    problem(response, 503, "behind")
    assert response.headers["retry-after"] == "1"
    consent = cast.songs[0].consents[0]
    problem(ask(anna(cast), f"/v1/consents/{consent}?as_of=999999"), 503, "behind")


def test_an_answer_says_up_to_where_it_has_seen_the_log(cast: Cast) -> None:
    head = ask(anna(cast), "/health").json()["head"]
    for path in ("balances", "uses", "recordings", f"shares?asset={cast.songs[0].recording}"):
        response = ask(anna(cast), f"/v1/{path}")
        assert response.headers["ledger-position"] == str(head) == str(response.json()["as_of"])


def test_what_has_not_changed_is_not_sent_again(cast: Cast) -> None:
    path = f"/v1/consents/{cast.songs[0].consents[0]}"
    tag = ask(anna(cast), path).headers["etag"]
    known = ask(anna(cast), path, headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
    assert ask(anna(cast), path, headers={"If-None-Match": '"1"'}).status_code == 200


def test_a_change_needs_what_was_read_and_a_repetition_does_not(cast: Cast) -> None:
    holder, song = bo(cast), cast.songs[1]
    name = song.consents[0]
    path = f"/v1/consents/{name}"
    response = ask(holder, path)
    words = response.json()["consent"] | {"tiers": ["preview", "private", "commercial"]}
    body = {"consent": words}
    url = "/v1/commands/ChangeConsent"

    def change(**headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return holder.http.post(url, json=body, headers={"Idempotency-Key": "change-1", **named})

    problem(change(), 428, "precondition_required")
    stale = change(If_Match='"1"')
    found = problem(stale, 412, "scope_stale")
    assert found["event"]["position"] == int(stale.headers["etag"].strip('"'))
    tag = response.headers["etag"]
    first = change(If_Match=tag)
    assert first.status_code == 201, first.text
    for again in (change(If_Match=tag), change()):
        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotency-replayed"] == "true"
    assert ask(holder, path).headers["etag"] != tag


def test_a_revocation_of_the_asset_makes_the_consent_that_was_read_stale(cast: Cast) -> None:
    holder, song = anna(cast), cast.songs[0]
    path = f"/v1/consents/{song.consents[1]}"
    response = ask(holder, path)
    body = {"party": holder.party, "asset": song.work}
    holder.say("RevokeConsent", "of one asset", body)
    words = response.json()["consent"] | {"tiers": ["preview"]}
    changed = holder.http.post(
        "/v1/commands/ChangeConsent",
        json={"consent": words},
        headers={"Idempotency-Key": "change-2", "If-Match": response.headers["etag"]},
    )
    found = problem(changed, 412, "scope_stale")
    assert found["event"]["type"] == "ConsentRevoked"


def test_if_match_is_taken_where_something_was_read(cast: Cast) -> None:
    response = anna(cast).http.post(
        "/v1/commands/RegisterWork",
        json={"title": "New"},
        headers={"Idempotency-Key": "if-match", "If-Match": '"1"'},
    )
    problem(response, 400, "header_invalid")


def test_pages_of_uses_and_recordings_lead_to_each_other(cast: Cast) -> None:
    cara = cast.people["Cara Studio"]
    page = ask(cara, "/v1/recordings?limit=1")
    seen = [row["recording"] for row in page.json()["items"]]
    while "link" in page.headers:
        page = ask(cara, page.headers["link"].partition(">")[0].lstrip("<"))
        seen += [row["recording"] for row in page.json()["items"]]
    assert seen == [song.recording for song in cast.songs]


def test_a_recording_is_found_by_its_sound_and_by_its_name(cast: Cast) -> None:
    cara, song = cast.people["Cara Studio"], cast.songs[0]
    audio = ask(cara, f"/v1/recordings/{song.recording}").json()["audio"]
    for sha256 in (audio["file_sha256"], audio["frames_sha256"]):
        found = ask(cara, f"/v1/recordings?sha256={sha256}").json()["items"]
        assert [row["recording"] for row in found] == [song.recording]
    found = ask(cara, "/v1/search?q=SLOW").json()["items"]
    assert song.recording in {row["id"] for row in found}


def test_the_end_of_a_generation_is_streamed(cast: Cast) -> None:
    cara = cast.people["Cara Studio"]
    path = f"/v1/generations/{cast.generation}/progress"
    with cara.http.stream("GET", path) as response:
        text = "".join(response.iter_text())
    assert text.startswith("event: ended\ndata: {")
    assert '"status":"completed"' in text


def test_quarantine_is_for_those_who_look_after_it(cast: Cast) -> None:
    problem(ask(anna(cast), "/v1/quarantine"), 403, "role_missing")
    assert ask(cast.people["Audit Office"], "/v1/quarantine").json()["items"] == []


def test_a_royalty_statement_is_paper_too(cast: Cast) -> None:
    acts.pay(cast)
    holder = anna(cast)
    (row,) = ask(holder, "/v1/royalty_statements").json()["items"]
    assert row["payable"] == {"amount": "0.15", "currency": "EUR"}
    path = f"/v1/royalty_statements/{row['statement']}"
    paper = ask(holder, path, headers={"Accept": "text/plain"})
    assert paper.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Slow Harbor" in paper.text
    assert paper.text.splitlines()[1].startswith("Anna Berg")
    problem(ask(bo(cast), path), 403, "not_yours")
    (payout,) = ask(holder, "/v1/payouts").json()["items"]
    problem(ask(bo(cast), f"/v1/payouts/{payout['payout']}"), 403, "not_yours")
