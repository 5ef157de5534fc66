"""Our log, our proofs and our witness, as tools that others wrote in Go take them.

Which tool is behind which verb: `tools/*.go`. What was tried by hand besides, and with what result:
docs/guides/interoperability.md.
"""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.merkle import root_from_path
from ledger.evidence.note import COSIGNER, NoteKey, VerifierKey, parse_vkey
from ledger.evidence.policy import parse_policy, write_policy
from ledger.evidence.receipt import read_receipt
from schemas.commands.log import Policy, ReplaceWitnessPolicy
from schemas.commands.parties import RegisterParty
from schemas.ids import new_id
from service.beginning import begin
from service.demo.witness import witness_process
from service.instance import Instance
from service.settings import Settings
from service.witness.setting import init
from tests.integration.api.world import served
from tests.kit.sound import wait_folded
from tests.support.witness_servers import WAIT_S, quorum

ORIGIN = "ledger.example/2026"
ENTRIES = 300
"""More than a full tile and bundle, so that both kinds are read."""


@dataclass(frozen=True)
class Shown:
    """A log that is served, its key, and the witnesses that sign it."""

    url: str
    vkey: str
    policy: Path
    witnesses: tuple[str, ...]
    instance: Instance

    def get(self, path: str) -> bytes:
        return httpx.get(f"{self.url}{path}", trust_env=False, timeout=WAIT_S).content


def run(binary: Path, *words: object, fails: bool = False) -> str:
    """Run an outside tool; return what it printed."""
    done = subprocess.run(  # noqa: S603 - built from our own source
        [binary, *map(str, words)], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def note_key(tools: Path, name: str) -> tuple[str, str]:
    """Make a key with the Go library; return its private and its public text."""
    private, public = run(tools, "key", name).split()
    return private, public


def as_cosigner(vkey: str) -> str:
    """Return the verifier key of the same key as a cosigner's: another type, another id."""
    key = parse_vkey(vkey)
    return str(VerifierKey(key.name, key.public, COSIGNER))


@contextmanager
def outside(binary: Path, log_vkey: str, private: str) -> Iterator[str]:
    """Run the witness that others wrote; give its address."""
    process = subprocess.Popen(  # noqa: S603 - built from our own source
        [binary, log_vkey, private], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(WAIT_S)
        process.stdout.close()


@pytest.fixture(scope="module")
def shown(
    tools: Path, outside_witness: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shown]:
    """A log with two witnesses, one ours and one that others wrote; both must sign."""
    folder = tmp_path_factory.mktemp("log")
    settings = Settings(home=folder / "home", register=folder / "register")
    begin(settings, origin=ORIGIN, operator_name="Operator", policy=Policy())
    private, public = note_key(tools, "outside.example")
    with Instance(settings, work=True) as instance:
        operator, vkey = instance.operator(), instance.facts.checkpoint_vkey
        with (
            witness_process(folder / "ours", ORIGIN, vkey, name="ours.example") as ours,
            outside(outside_witness, vkey, private) as url,
        ):
            theirs = as_cosigner(public)
            asked = {"ours": f"{ours.vkey} {ours.url}", "theirs": f"{theirs} {url}"}
            operator.say(ReplaceWitnessPolicy(witnesses=quorum(2, asked)))
            while instance.feed.visible_head() < ENTRIES:
                party = RegisterParty(party=new_id("pty"), kind="organization", name="Somebody")
                operator.say(party)
            # The index of all of it, now: a minute later it would move the head between two looks.
            wait_folded(instance)
            assert instance.indexer.publish() is not None
            assert instance.witnessing.wait_for(instance.feed.visible_head(), WAIT_S)
            with served(instance, public_bundles=True) as address:
                witnesses = (ours.vkey, theirs)
                yield Shown(address, vkey, settings.policy, witnesses, instance)


@pytest.mark.parametrize("prefix", ["", "/witnessed"])
def test_two_clients_and_a_checker_read_every_tile_and_every_entry(
    tools: Path, shown: Shown, prefix: str
) -> None:
    size = int(run(tools, "read", f"{shown.url}{prefix}", shown.vkey))
    assert size == shown.instance.feed.visible_head()


def test_they_refuse_a_log_under_another_key(tools: Path, shown: Shown) -> None:
    _, other = note_key(tools, ORIGIN)
    said = run(tools, "read", shown.url, other, fails=True)
    assert "FetchCheckpoint" in said


@pytest.mark.parametrize("position", [1, 2, 256, 257, ENTRIES])
def test_a_proof_and_its_cosignatures_verify(
    tools: Path, shown: Shown, tmp_path: Path, position: int
) -> None:
    said = prove(tools, shown, tmp_path, position)
    assert said["index"] == position - 1
    assert said["satisfied"] is True
    assert set(said["times"]) == {"ours.example", "outside.example"}
    assert all(abs(at - time.time()) < 3_600 for at in said["times"].values())


def prove(tools: Path, shown: Shown, folder: Path, position: int) -> Any:
    """Give a proof of ours to the outside verifier."""
    (folder / "entry").write_bytes(entry_of(shown, position))
    (folder / "proof").write_bytes(shown.get(f"/v1/entries/{position}/proof"))
    words = (folder / "proof", folder / "entry", shown.policy, shown.vkey, *shown.witnesses)
    return json.loads(run(tools, "prove", *words))


def entry_of(shown: Shown, position: int) -> bytes:
    with shown.instance.store.snapshot() as reader:
        stored = reader.entry(position)
    assert stored is not None
    return stored.data


def test_a_proof_of_another_entry_does_not(tools: Path, shown: Shown, tmp_path: Path) -> None:
    (tmp_path / "entry").write_bytes(entry_of(shown, 3))
    (tmp_path / "proof").write_bytes(shown.get("/v1/entries/2/proof"))
    words = (tmp_path / "proof", tmp_path / "entry", shown.policy, shown.vkey)
    assert "VerifyInclusion" in run(tools, "prove", *words, fails=True)


def test_a_bad_line_of_a_known_witness_spoils_the_note_for_them_too(
    tools: Path, shown: Shown, tmp_path: Path
) -> None:
    """Why the log verifies each line before it keeps it."""
    proof = shown.get("/v1/entries/2/proof").decode()
    line = next(line for line in proof.split("\n") if line.startswith("— ours.example "))
    (tmp_path / "proof").write_text(proof.replace(line, f"{line[:-8]}AAAAAA=="), encoding="utf-8")
    (tmp_path / "entry").write_bytes(entry_of(shown, 2))
    words = (tmp_path / "proof", tmp_path / "entry", shown.policy, shown.vkey, *shown.witnesses)
    assert "note.Open" in run(tools, "prove", *words, fails=True)


def test_a_log_that_others_wrote_is_witnessed_by_us(tools: Path, tmp_path: Path) -> None:
    """It publishes nothing that our witness has not signed; we check what it published."""
    private, public = note_key(tools, "outside.example/log")
    with witness_process(
        tmp_path / "witness", "outside.example/log", public, name="ours.example"
    ) as ours:
        lines = quorum(1, {"ours": f"{ours.vkey} {ours.url}"})
        policy = tmp_path / "policy.txt"
        policy.write_text(write_policy((public,), lines), encoding="utf-8")
        published = run(tools, "log", tmp_path / "log", private, policy, 5)
    accepted = parse_policy(policy.read_bytes()).accept(published)
    assert accepted.checkpoint.size == 5
    assert set(accepted.witnesses) == {"ours"}


def test_a_key_made_by_them_is_read_by_us(tools: Path, tmp_path: Path) -> None:
    _, public = note_key(tools, "outside.example")
    assert str(parse_vkey(public)) == public
    key: NoteKey = init(tmp_path / "witness", name="ours.example")
    assert parse_vkey(key.vkey).kind == COSIGNER


def test_a_cose_library_reads_entries_and_receipts(
    tools: Path, shown: Shown, tmp_path: Path
) -> None:
    """It has no name yet for Ed25519 fully specified, and takes it as soon as it is given one."""
    keys = shown.instance.keys
    (tmp_path / "entry").write_bytes(entry_of(shown, 7))
    said = run(tools, "sign1", tmp_path / "entry", keys.entry.public.hex(), "-")
    assert said.strip() == keys.entry.kid
    receipt = shown.get("/v1/entries/7/receipt")
    read = read_receipt(receipt)
    leaf = leaf_hash(entry_of(shown, 7))
    root = root_from_path(leaf, read.position.index, read.position.size, read.path)
    (tmp_path / "receipt").write_bytes(receipt)
    words = (tmp_path / "receipt", keys.checkpoint.public.hex())
    assert run(tools, "sign1", *words, root.hex()).strip() == keys.checkpoint.kid
    assert "go-cose Verify" in run(tools, "sign1", *words, bytes(32).hex(), fails=True)
