"""A file carries the proof of its authorization with the witnesses' signatures, or says without."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from ledger.evidence.errors import NotWitnessedError
from ledger.evidence.note import parse_vkey, read_note, verify_note
from ledger.evidence.policy import Policy, parse_policy
from ledger.evidence.prove import prove
from ledger.provenance.reading import read_manifest
from schemas import canonical
from schemas.commands.log import ReplaceWitnessPolicy
from schemas.events.generations import ManifestEmbedded
from schemas.events.log import LogOpened
from schemas.manifest import Authorization
from service.beginning import begin
from service.demo.witness import witness_process
from service.instance import Instance
from service.workers import embedded
from tests.integration.api.world import served
from tests.kit.instance import ORIGIN, POLICY, Place, make
from tests.kit.sound import wait_ended
from tests.support.witness_servers import ABSENT, WAIT_S, quorum


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return make(tmp_path_factory.mktemp("template") / "place")


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")


def ask(instance: Instance, least: int, witnesses: dict[str, str]) -> Policy:
    """Tell the log whom to ask; return what its folder then hands to readers."""
    instance.operator().say(ReplaceWitnessPolicy(witnesses=quorum(least, witnesses)))
    instance.policy.current()
    return parse_policy(instance.settings.policy.read_bytes())


def carried(place: Place, instance: Instance) -> Authorization:
    """Have a file made; return what it says about its authorization."""
    generation = place.authorize(instance)
    wait_ended(instance, generation)
    head = instance.feed.visible_head()
    events = [row.event for row in instance.feed.events_of(f"job:{generation}", until=head)]
    (embedded,) = [event for event in events if isinstance(event, ManifestEmbedded)]
    path = instance.artifacts.path(embedded.artifact_sha256)
    anchors = instance.credentials().anchors.read_text(encoding="ascii")
    assertion = read_manifest(path, anchors_pem=anchors).assertion
    assert assertion is not None
    return assertion.authorization


def test_the_file_carries_what_the_quorum_signed(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "WITNESS_WAIT_S", WAIT_S)  # on a busy machine they take longer
    with place.open(work=True) as instance:
        vkey = instance.facts.checkpoint_vkey
        with (
            witness_process(tmp_path / "one", ORIGIN, vkey, name="w1.example") as one,
            witness_process(tmp_path / "two", ORIGIN, vkey, name="w2.example") as two,
        ):
            told = {"w1": f"{one.vkey} {one.url}", "w2": f"{two.vkey} {two.url}", "w3": ABSENT}
            policy = ask(instance, 2, told)
            said = carried(place, instance)
            report = prove(canonical.unb64u(said.entry), said.proof, policy)
            assert (report.is_witnessed, set(report.witnesses)) == (True, {"w1", "w2"})
            assert report.position == said.position
            check_served(instance, policy, said.position)


def check_served(instance: Instance, policy: Policy, position: int) -> None:
    """Whoever asks over HTTP gets the same: the proof, the witnessed checkpoint, the policy."""
    assert instance.witnessing.wait_for(instance.feed.visible_head(), WAIT_S)
    with (
        served(instance, public_bundles=True) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=WAIT_S) as reader,
    ):
        note = reader.get("/witnessed/checkpoint")
        accepted = policy.accept(note.text)
        assert accepted.is_witnessed
        size = accepted.checkpoint.size
        tiles = [
            reader.get(f"{prefix}/tile/0/000.p/{size}").content for prefix in ("", "/witnessed")
        ]
        assert tiles[0] == tiles[1]
        assert len(tiles[0]) == 32 * size
        newest = read_note(reader.get("/checkpoint").text)
        known = (*policy.logs, *policy.witnesses.values())
        assert verify_note(newest, known)[0].key == parse_vkey(instance.facts.checkpoint_vkey)
        with instance.store.snapshot() as log:
            entry = log.entry(position)
        assert entry is not None
        proof = reader.get(f"/v1/entries/{position}/proof").text
        assert prove(entry.data, proof, policy).is_witnessed
        assert parse_policy(reader.get("/policy.txt").content) == policy


def test_without_them_it_is_not_witnessed_and_not_invalid(place: Place) -> None:
    with place.open(work=True) as instance:
        policy = ask(instance, 1, {"w3": ABSENT})
        said = carried(place, instance)
        entry = canonical.unb64u(said.entry)
        with pytest.raises(NotWitnessedError):
            prove(entry, said.proof, policy)
        report = prove(entry, said.proof, policy, require_witnesses=False)
        assert not report.is_witnessed
        assert any("not_witnessed" in step.detail for step in report.steps)
        with served(instance) as url:
            answer = httpx.get(f"{url}/witnessed/checkpoint", trust_env=False, timeout=WAIT_S)
        assert answer.status_code == 404
        assert "not_witnessed" in answer.text


def test_a_log_begins_with_the_witnesses_of_its_settings(tmp_path: Path) -> None:
    given = tmp_path / "witnesses.txt"
    given.write_text("\n".join(["# ours", *quorum(1, {"w3": ABSENT})]) + "\n", encoding="utf-8")
    settings = Place(tmp_path).settings
    begin(
        replace(settings, witnesses=given),
        origin=ORIGIN,
        operator_name="Operator",
        policy=POLICY,
    )
    with Instance(settings) as instance:
        (opened,) = [row.event for row in instance.feed.read_after(0, 1)]
        assert isinstance(opened, LogOpened)
        assert opened.witnesses == quorum(1, {"w3": ABSENT})
        assert parse_policy(settings.policy.read_bytes()) == instance.policy.current()
