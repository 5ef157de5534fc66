"""A creator's verbs: quote, verify, authorize, generate, cancel; a service renders."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.town import CREATOR, Town


def test_a_quote_says_what_it_would_cost(served: Town) -> None:
    found = served.liner.data("quote", *served.ref())
    assert found["cleared"]
    assert found["price"]["fee"] == {"amount": "0.10", "currency": "EUR"}
    rows = served.liner.ok("quote", *served.ref()).rows
    assert ["fee", "0.10 EUR"] in rows
    assert [row[3] for row in rows if len(row) == 4] == ["0.035000 EUR", "0.035000 EUR"]


def test_a_quote_that_is_refused_says_why_and_what_would_do(served: Town) -> None:
    done = served.liner.fails(2, "tier_not_permitted", "quote", *served.ref("--tier", "commercial"))
    assert "instead: tier private" in done.out.splitlines()
    assert done.rows[0][:3] == ["tier_not_permitted", "0", "master"]


def test_a_verification_is_logged_also_when_it_is_refused(served: Town) -> None:
    cleared = served.liner.data("verify", *served.ref())
    assert [row["type"] for row in cleared["entries"]] == ["VerificationCleared"]
    assert cleared["fee"] == "0.10 EUR"
    wanted = ["verify", *served.ref("--tier", "commercial")]
    first = served.liner.fails(2, "tier_not_permitted", *wanted)
    position = first.out.splitlines()[-1]
    assert position.startswith("refused at position ")
    again = served.liner.fails(2, "tier_not_permitted", *wanted)
    assert again.out.splitlines()[-1] == f"{position}, as it was before"
    verdict = served.liner.fails(2, "tier_not_permitted", *wanted, "--json").document
    assert verdict["verdict"]["cleared"] is False
    assert verdict["repeated"]


def test_a_request_comes_from_a_file_or_from_standard_input(served: Town, tmp_path: Path) -> None:
    request = {
        "references": [
            {"recording": served.ids["recording"], "use": "song", "role": "timbre", "weight": "1"}
        ],
        "weights": "relative",
        "model": served.ids["model"],
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
        assert served.liner.data("quote", name, "--as", CREATOR, stdin=text)["cleared"]
    bad = {**request, "tier": "galactic"}
    done = served.liner.fails(1, "tier_unknown", "quote", "-", stdin=json.dumps(bad))
    assert "/tier" in done.err
    served.liner.fails(1, "json_invalid", "quote", "-", stdin="{")
    served.liner.fails(1, "json_invalid", "quote", "-", stdin="[]")
    served.liner.fails(1, "json_invalid", "quote", "-", stdin='{"seed": 0.5}')
    served.liner.fails(1, "json_invalid", "quote", "-", stdin='{"seed": 1, "seed": 2}')
    served.liner.fails(1, "json_invalid", "quote", "-", stdin=b"\xff\xfe")
    served.liner.fails(1, "file_missing", "quote", str(tmp_path / "none.json"))


def test_a_request_on_the_command_line_is_read_strictly(served: Town) -> None:
    ask = served.liner.fails
    ask(64, "usage", "quote", "--territory", "DE")
    ask(64, "usage", "quote", "--ref", "Harbor")
    ask(64, "usage", "quote", "--ref", "Harbor,color=blue", "--territory", "DE")
    ask(64, "usage", "quote", "--ref", "Harbor,from=1s", "--territory", "DE")
    ask(64, "usage", "quote", *served.ref("--duration", "soon"))
    ask(64, "usage", "quote", *served.ref("--seed", "many"))
    ask(1, "name_unknown", "quote", "--ref", "Atlantis", "--territory", "DE")
    ask(1, "number_invalid", "quote", "--ref", "Harbor,role=timbre,from=2s,until=1s",
        "--territory", "DE")  # fmt: skip
    ask(1, "unknown_id", "quote", *served.ref("--model", "mod_01m81g4e92e54vypy86y3r32vy"))
    ask(1, "identifier_invalid", "quote", *served.ref("--model", "mod_nonsense"))


def test_a_generation_ends_with_a_file_and_its_receipt(served: Town) -> None:
    file, receipt = served.liner.folder / "made.wav", served.liner.folder / "made.json"
    wanted = served.ref("--prompt", "a quiet secret", "-o", str(file), "--receipt", str(receipt))
    made = served.liner.data("generate", *wanted)
    assert made["status"] == "completed"
    assert file.read_bytes()[:4] == b"RIFF"
    types = [row["type"] for row in made["events"]]
    assert types[-3:] == ["GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued"]
    assert "a quiet secret" not in json.dumps(made)
    again = served.liner.folder / "again.wav"
    resumed = served.liner.ok("generate", "--resume", made["generation"], "-o", str(again))
    assert ["generation", made["generation"]] in resumed.rows
    assert again.read_bytes() == file.read_bytes()


def test_a_generation_that_fails_says_what_the_worker_said(served: Town) -> None:
    wanted = served.ref("--duration", "1ms", "--seed", "9")
    done = served.liner.fails(1, "generation_failed", "generate", *wanted)
    assert "duration_out_of_range" in done.err


def test_a_generation_that_is_refused_makes_no_file(served: Town) -> None:
    file = served.liner.folder / "never.wav"
    wanted = served.ref("--tier", "commercial", "-o", str(file))
    served.liner.fails(2, "tier_not_permitted", "generate", *wanted)
    assert not file.exists()
    served.liner.fails(1, "not_found", "generate", "--resume", "gen_01m81g89sef45svp82ss656vs9")
    served.liner.fails(64, "usage", "generate", "--resume", "gen_x", "--ref", "Harbor")
