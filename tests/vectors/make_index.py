"""Makes the vectors of the verifiable index: lookups, non-use, lists between two roots."""

from typing import Any

from ledger.evidence.index import (
    EMPTY,
    Lookup,
    Touches,
    Update,
    key_of,
    leaf_body,
    look_up,
)
from tests.vectors.making import row, write

SUBJECTS = [f"rec_01h455vb4pex5vsknk084sn{number:03}" for number in range(40)]
TOUCHED = SUBJECTS[0]
POSITIONS = (3, 7, 8, 1040)


class Bodies(dict[bytes, bytes]):
    """Bodies of nodes in memory."""

    def body(self, digest: bytes) -> bytes:
        """Return a body by its hash."""
        return self[digest]


def built() -> tuple[Bodies, bytes]:
    """Return a tree over the subjects: the first is touched at `POSITIONS`, the others once."""
    bodies = Bodies()
    update = Update(bodies, bodies)
    values = {key_of(subject): Touches().extended((9,)) for subject in SUBJECTS}
    values[key_of(TOUCHED)] = Touches().extended(POSITIONS)
    return bodies, update.put(EMPTY, values)


BODIES, ROOT = built()


def subject_that_ends(*, in_nothing: bool) -> str:
    """Return a subject that nothing touched, and whose way ends as asked."""
    for number in range(10_000):
        subject = f"wrk_{number}"
        if (look_up(BODIES, ROOT, key_of(subject)).leaf is None) == in_nothing:
            return subject
    raise AssertionError


def said(subject: str, lookup: Lookup, root: bytes = ROOT) -> dict[str, Any]:
    """Return a lookup as JSON."""
    return {
        "root": root.hex(),
        "subject": subject,
        "siblings": [one.hex() for one in lookup.siblings],
        "leaf": None if lookup.leaf is None else lookup.leaf.hex(),
    }


def lookups() -> list[dict[str, Any]]:
    """Return lookups that show what they should."""
    other, nothing = subject_that_ends(in_nothing=False), subject_that_ends(in_nothing=True)

    def found(name: str, catches: str, subject: str) -> dict[str, Any]:
        lookup = look_up(BODIES, ROOT, key_of(subject))
        touches = Touches().extended(POSITIONS) if subject == TOUCHED else Touches()
        return row(name, catches, **said(subject, lookup),
                   count=touches.count, chain=touches.chain.hex())  # fmt: skip

    return [
        found("touched four times", "a count or a key read from its end", TOUCHED),
        found("non-use: another's leaf stands there", "another's count taken for its own", other),
        found("non-use: nothing stands there", "an empty subtree hashed", nothing),
        row("an empty tree", "a root that is the hash of nothing", count=0, chain=EMPTY.hex(),
            **said(TOUCHED, Lookup((), None), EMPTY)),
    ]  # fmt: skip


def lookups_refused() -> list[dict[str, Any]]:
    """Return lookups that show nothing."""
    right = look_up(BODIES, ROOT, key_of(TOUCHED))
    other = look_up(BODIES, ROOT, key_of(SUBJECTS[1]))
    assert right.leaf is not None
    nothing = subject_that_ends(in_nothing=True)
    more = leaf_body(key_of(TOUCHED), Touches().extended((*POSITIONS, 1041)))
    none = leaf_body(key_of(TOUCHED), Touches())

    def wrong(name: str, catches: str, lookup: Lookup, subject: str = TOUCHED) -> dict[str, Any]:
        return row(name, catches, **said(subject, lookup))

    empty = look_up(BODIES, ROOT, key_of(nothing))
    return [
        wrong("another value", "a leaf that is not hashed", Lookup(right.siblings, more)),
        wrong("a leaf that nothing touched", "zero as a value", Lookup(right.siblings, none)),
        wrong("no leaf", "a deletion", Lookup(right.siblings, None)),
        wrong("another's leaf", "a leaf not on the way", Lookup(right.siblings, other.leaf)),
        wrong("another's way", "the subject's key not walked", other),
        wrong("a way too short", "stopping early", Lookup(right.siblings[:-1], right.leaf)),
        wrong("a way too long", "hashes left over", Lookup((*right.siblings, EMPTY), right.leaf)),
        wrong("a way backwards", "the leaf's sibling first",
              Lookup(right.siblings[::-1], right.leaf)),
        wrong("a leaf cut short", "lengths not checked", Lookup(right.siblings, right.leaf[:-1])),
        wrong("a node for a leaf", "domains not apart",
              Lookup(right.siblings, b"\x01" + right.leaf[1:])),
        wrong("deeper than a key", "an index beyond the key", Lookup((EMPTY,) * 257, right.leaf)),
        wrong("a sibling cut short", "lengths not checked",
              Lookup((right.siblings[0][:-1], *right.siblings[1:]), right.leaf)),
        wrong("nothing below an empty branch", "two forms of nothing",
              Lookup((*empty.siblings, EMPTY), None), nothing),
        row("another root", "no comparison", **said(TOUCHED, right, EMPTY)),
    ]  # fmt: skip


def between(
    name: str, catches: str, positions: list[int], older: int, newer: int
) -> dict[str, Any]:
    """Return a list of positions between two sizes, and what the two roots say."""
    before = [place for place in POSITIONS if place <= older]
    after = [place for place in POSITIONS if place <= newer]
    return row(name, catches, positions=positions, older=older, newer=newer,
               **{f"{which}_{field}": value
                  for which, listed in (("before", before), ("after", after))
                  for field, value in _touches(listed).items()})  # fmt: skip


def _touches(positions: list[int]) -> dict[str, Any]:
    found = Touches().extended(positions)
    return {"count": found.count, "chain": found.chain.hex()}


def files() -> dict[str, object]:
    """Return the file of these vectors."""
    accepted = [
        between("from the beginning", "a chain that begins elsewhere", [3, 7, 8, 1040], 0, 1040),
        between("later ones alone", "a chain not continued", [8, 1040], 7, 2000),
        between("non-use", "nothing taken for missing", [], 8, 1039),
        between("non-use in an empty log", "the empty chain", [], 0, 2),
    ]
    refused = [
        between("one left out", "counting alone", [3, 7, 1040], 0, 1040),
        between("one added", "counting alone", [3, 7, 8, 9, 1040], 0, 1040),
        between("another one", "counting alone", [3, 7, 9, 1040], 0, 1040),
        between("in another order", "a chain compared as a set", [7, 3, 8, 1040], 0, 1040),
        between("one twice", "positions not strictly rising", [3, 7, 7, 8, 1040], 0, 1040),
        between("one before the older size", "bounds not checked", [7, 8, 1040], 7, 1040),
        between("hidden non-use", "an empty list taken for a proof", [], 0, 1040),
    ]
    return {
        "index.json": {
            "accepted": lookups(),
            "refused": lookups_refused(),
            "between": accepted,
            "between_refused": refused,
        }
    }


if __name__ == "__main__":
    write(files())
