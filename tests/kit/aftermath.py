"""After faults: is everything there that was acknowledged, once, and is the log what it says?

Asked of the log itself, not of a door.
"""

from __future__ import annotations

import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ledger.evidence.nodes import TileHashes
from ledger.evidence.policy import parse_policy
from ledger.evidence.proof import parse_proof, verify_proof
from ledger.evidence.vkeys import parse_vkey
from ledger.storage.contract import Reader
from ledger.storage.opening import LogReading
from ledger.storage.registers import open_register
from ledger.storage.vault import read_master_key
from schemas.envelope.entry import Entry, read_entry
from schemas.period import format_instant
from service.facts import InstanceFacts
from tests.kit.cluster import LINER, ROOT, Cluster
from tests.kit.insisting import Acknowledged

ENDS: Final = frozenset(
    {"GenerationCompleted", "GenerationFailed", "GenerationCanceled", "AuthorizationExpired"}
)
"""Events that end a generation."""

ONCE: Final = ("GenerationCompleted", "ManifestEmbedded", "RoyaltyAccrued")
"""What a completed generation has, once each."""

PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations of a log: which were authorized, and how those ended that did."""

    authorized: frozenset[str]
    ends: dict[str, list[str]]
    events: dict[str, Counter[str]]

    @property
    def open(self) -> frozenset[str]:
        """Those that have not ended."""
        return self.authorized - self.ends.keys()

    @property
    def counts(self) -> Counter[str]:
        """How many ended in each way."""
        return Counter(end for ends in self.ends.values() for end in ends)


@contextmanager
def reading(cluster: Cluster) -> Iterator[Reader]:
    """Give a reader of the log as it is visible now."""
    settings = cluster.place.settings
    key = read_master_key(settings.master_key)
    with LogReading(settings.log_database, master_key=key) as log, log.snapshot() as reader:
        yield reader


def entries(reader: Reader) -> Iterator[tuple[int, Entry]]:
    """Yield every entry with its position."""
    position = 0
    while rows := reader.read_after(position, PAGE):
        for row in rows:
            assert row.position == position + 1, f"a gap after {position}"
            position = row.position
            yield position, read_entry(row.data)


def recorded_seconds(reader: Reader, begin: str, end: str) -> list[float]:
    """Return how long each generation took from one event to another, by the ledger's clock."""
    begun, found = {}, []
    for _, entry in entries(reader):
        name = entry.data.get("generation")
        if entry.payload["type"] == begin:
            begun[name] = entry.recorded_at
        elif entry.payload["type"] == end:
            found.append((entry.recorded_at - begun[name]).total_seconds())
    return found


def generations(cluster: Cluster) -> Generations:
    """Return the generations of the log."""
    authorized: set[str] = set()
    ends: dict[str, list[str]] = defaultdict(list)
    events: dict[str, Counter[str]] = defaultdict(Counter)
    with reading(cluster) as reader:
        for _, entry in entries(reader):
            kind, name = entry.payload["type"], entry.data.get("generation", "")
            if kind == "GenerationAuthorized":
                authorized.add(name)
            if kind in ENDS:
                ends[name].append(kind)
            if kind in ONCE:
                events[name][kind] += 1
    return Generations(frozenset(authorized), dict(ends), dict(events))


def check_acknowledged(cluster: Cluster, said: Iterable[Acknowledged]) -> int:
    """Look for every entry that was acknowledged, where it was; return how many.

    And verify its proof, whose tree must begin the one of now.
    """
    vkey = InstanceFacts.load(cluster.place.settings.instance).checkpoint_vkey
    trusted = parse_policy(f"log {vkey}\nquorum none\n")
    roots, found = {}, 0
    with reading(cluster) as reader:
        for one in said:
            for told in one.entries:
                stored = reader.entry(told["position"])
                assert stored is not None, f"{told['id']} is gone from {told['position']}"
                assert (stored.event_id, stored.type) == (told["id"], told["type"])
                entry = read_entry(stored.data)
                assert format_instant(entry.recorded_at) == told["recorded_at"]
                proof = parse_proof(told["proof"])
                assert proof.index == told["position"] - 1
                accepted = verify_proof(proof, entry.leaf_hash, trusted, require_witnesses=False)
                roots[accepted.checkpoint.size] = accepted.checkpoint.root
                found += 1
            if one.answer.get("repeated"):
                continue  # counted, and not written down again
            record = reader.command(one.command)
            assert record is not None, f"{one.command} was acknowledged and is not known"
            assert list(record.positions) == [told["position"] for told in one.entries]
        for size, root in roots.items():
            assert TileHashes(reader, size).root() == root, f"another history of {size} entries"
    return found


def check_nothing_doubled(cluster: Cluster) -> None:
    """One event of each id and each place in its command; one end, one output, one accrual."""
    ids: Counter[str] = Counter()
    places: Counter[tuple[str, int]] = Counter()
    outputs: Counter[str] = Counter()
    with reading(cluster) as reader:
        for _, entry in entries(reader):
            ids[entry.id] += 1
            places[entry.command, entry.index] += 1
            if entry.payload["type"] == "GenerationCompleted":
                outputs[entry.data["output"]] += 1
    for counted in (ids, places, outputs):
        assert not [one for one, count in counted.items() if count > 1]
    found = generations(cluster)
    assert not {name: ends for name, ends in found.ends.items() if len(ends) > 1}
    completed = {name for name, ends in found.ends.items() if ends == ["GenerationCompleted"]}
    assert {name: dict(found.events[name]) for name in completed} == {
        name: dict.fromkeys(ONCE, 1) for name in completed
    }
    assert found.events.keys() == completed, "nothing accrued for what was not completed"


def check_register(cluster: Cluster) -> None:
    """The register holds what is visible, and nothing committed was left invisible."""
    settings = cluster.place.settings
    facts = InstanceFacts.load(settings.instance)
    register = open_register(settings.register_place, [parse_vkey(facts.checkpoint_vkey)])
    try:
        with reading(cluster) as reader:
            head = reader.head()
            assert register.held().size >= head.visible == head.size
    finally:
        register.close()


def liner(cluster: Cluster, *words: str) -> str:
    """Run a command of the program that must succeed; return what it says."""
    command = [LINER, *words]
    told = subprocess.run(  # noqa: S603 - our own program
        command, cwd=ROOT, env=dict(cluster.env()), capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, f"liner {' '.join(words)}\n{told.stdout}{told.stderr}"
    return told.stdout
