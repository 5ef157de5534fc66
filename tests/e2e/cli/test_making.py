"""A creator's verbs: quote, verify, authorize, generate, cancel; as processes."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.town import CREATOR, Town


def test_a_quote_says_what_it_would_cost(town: Town) -> None:
    found = town.liner.data("quote", *town.ref())
    assert found["cleared"]
    assert found["price"]["fee"] == {"amount": "0.10", "currency": "EUR"}
    rows = town.liner.ok("quote", *town.ref()).rows
    assert ["fee", "0.10 EUR"] in rows
    assert [row[3] for row in rows if len(row) == 4] == ["0.035000 EUR", "0.035000 EUR"]


def test_a_quote_that_is_refused_says_why_and_what_would_do(town: Town) -> None:
    done = town.liner.fails(2, "tier_not_permitted", "quote", *town.ref("--tier", "commercial"))
    assert "instead: tier private" in done.out.splitlines()
    assert done.rows[0][:3] == ["tier_not_permitted", "0", "master"]


def test_a_verification_is_logged_also_when_it_is_refused(town: Town) -> None:
    cleared = town.liner.data("verify", *town.ref())
    assert [row["type"] for row in cleared["entries"]] == ["VerificationCleared"]
    assert cleared["fee"] == "0.10 EUR"
    wanted = ["verify", *town.ref("--tier", "commercial")]
    first = town.liner.fails(2, "tier_not_permitted", *wanted)
    position = first.out.splitlines()[-1]
    assert position.startswith("refused at position ")
    again = town.liner.fails(2, "tier_not_permitted", *wanted)
    assert again.out.splitlines()[-1] == f"{position}, as it was before"
    verdict = town.liner.fails(2, "tier_not_permitted", *wanted, "--json").document
    assert verdict["verdict"]["cleared"] is False
    assert verdict["repeated"]


def test_a_request_comes_from_a_file_or_from_standard_input(town: Town, tmp_path: Path) -> None:
    request = {
        "references": [
            {"recording": town.ids["recording"], "use": "song", "role": "timbre", "weight": "1"}
        ],
        "weights": "relative",
        "model": town.ids["model"],
        "tier": "private",
        "purpose": "personal",
        "channel": "download",
        "territory": "DE",
        "seed": 1,
        "duration_ms": 2000,
    }
    text = json.dumps(request)
    file = tmp_path / "request.json"
    file.write_text(text)
    for name in (str(file), "-"):
        assert town.liner.data("quote", name, "--as", CREATOR, stdin=text)["cleared"]
    bad = {**request, "tier": "galactic"}
    done = town.liner.fails(1, "tier_unknown", "quote", "-", stdin=json.dumps(bad))
    assert "/tier" in done.err
    town.liner.fails(1, "json_invalid", "quote", "-", stdin="{")
    town.liner.fails(1, "json_invalid", "quote", "-", stdin="[]")
    town.liner.fails(1, "json_invalid", "quote", "-", stdin='{"seed": 0.5}')
    town.liner.fails(1, "json_invalid", "quote", "-", stdin='{"seed": 1, "seed": 2}')
    town.liner.fails(1, "json_invalid", "quote", "-", stdin=b"\xff\xfe")
    town.liner.fails(1, "file_missing", "quote", str(tmp_path / "none.json"))


def test_a_request_on_the_command_line_is_read_strictly(town: Town) -> None:
    ask = town.liner.fails
    ask(64, "usage", "quote", "--territory", "DE")
    ask(64, "usage", "quote", "--ref", "Harbor")
    ask(64, "usage", "quote", "--ref", "Harbor,color=blue", "--territory", "DE")
    ask(64, "usage", "quote", "--ref", "Harbor,from=1s", "--territory", "DE")
    ask(64, "usage", "quote", *town.ref("--duration", "soon"))
    ask(64, "usage", "quote", *town.ref("--seed", "many"))
    ask(1, "name_unknown", "quote", "--ref", "Atlantis", "--territory", "DE")
    ask(1, "number_invalid", "quote", "--ref", "Harbor,role=timbre,from=2s,until=1s",
        "--territory", "DE")  # fmt: skip
    ask(1, "unknown_id", "quote", *town.ref("--model", "mod_01m81g4e92e54vypy86y3r32vy"))
    ask(1, "identifier_invalid", "quote", *town.ref("--model", "mod_nonsense"))


def test_an_authorization_cites_a_verification_once(town: Town) -> None:
    verified = town.liner.data("verify", *town.ref("--seed", "2"))
    wanted = ["authorize", verified["verification"], "--as", CREATOR]
    receipt = town.liner.folder / "authorized.json"
    made = town.liner.data(*wanted, "--receipt", str(receipt))
    assert made["generation"] == verified["generation"]
    proven = town.liner.data("prove", str(receipt))
    assert proven["type"] == "GenerationAuthorized"
    town.liner.fails(1, "id_reused", *wanted)
    canceled = town.liner.data("cancel", made["generation"], "--as", CREATOR)
    assert canceled["entries"][0]["type"] == "GenerationCanceled"
    done = town.liner.fails(2, "generation_canceled", "generate", "--resume", made["generation"])
    assert done.out == ""


def test_a_generation_ends_with_a_file_and_its_receipt(town: Town) -> None:
    file, receipt = town.liner.folder / "made.wav", town.liner.folder / "made.json"
    wanted = town.ref("--prompt", "a quiet secret", "-o", str(file), "--receipt", str(receipt))
    made = town.liner.data("generate", *wanted)
    assert made["status"] == "completed"
    assert file.read_bytes()[:4] == b"RIFF"
    types = [row["type"] for row in made["events"]]
    assert types[-3:] == ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]
    assert "a quiet secret" not in json.dumps(made)
    again = town.liner.folder / "again.wav"
    resumed = town.liner.ok("generate", "--resume", made["generation"], "-o", str(again))
    assert ["generation", made["generation"]] in resumed.rows
    assert again.read_bytes() == file.read_bytes()


def test_a_generation_that_fails_says_what_the_worker_said(town: Town) -> None:
    wanted = town.ref("--duration", "1ms", "--seed", "9")
    done = town.liner.fails(1, "generation_failed", "generate", *wanted)
    assert "duration_out_of_range" in done.err


def test_a_generation_that_is_refused_makes_no_file(town: Town) -> None:
    file = town.liner.folder / "never.wav"
    wanted = town.ref("--tier", "commercial", "-o", str(file))
    town.liner.fails(2, "tier_not_permitted", "generate", *wanted)
    assert not file.exists()
    town.liner.fails(1, "not_found", "generate", "--resume", "gen_01m81g89sef45svp82ss656vs9")
    town.liner.fails(64, "usage", "generate", "--resume", "gen_x", "--ref", "Harbor")
