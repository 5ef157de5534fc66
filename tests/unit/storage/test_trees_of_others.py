"""What another process has added to the tree is read off its edge, wherever we knew it last."""

from itertools import pairwise

import pytest

from ledger.evidence.hashing import leaf_hash
from ledger.evidence.tree import Tree, grow, load
from ledger.storage.grouping import _tree_on

SIZES = (0, 1, 2, 7, 255, 256, 257, 300, 511, 512, 515, 900, 1_024, 1_025)


def edge_of(tree: Tree) -> dict[int, bytes]:
    return dict(enumerate(tree.edge))


def grown(size: int, kind: bytes = b"entry") -> Tree:
    return grow(Tree(), [leaf_hash(b"%b %d" % (kind, n)) for n in range(size)]).tree


@pytest.mark.parametrize(("known", "size"), [*pairwise(SIZES), (1, 200), (260, 500), (3, 700)])
def test_it_is_the_tree_that_the_whole_edge_gives(known: int, size: int) -> None:
    edge = edge_of(grown(size))
    whole = load(size, lambda level, _, width: edge.get(level, b"")[: width * 32])
    assert _tree_on(edge, size, grown(known)) == _tree_on(edge, size, None) == whole == grown(size)


def test_of_another_history_the_root_is_another() -> None:
    edge = edge_of(grown(40, b"other"))
    assert _tree_on(edge, 40, grown(30)).root != grown(40, b"other").root


def test_of_an_edge_that_is_too_short_the_root_is_another() -> None:
    edge = {0: edge_of(grown(40))[0][:-32]}
    assert _tree_on(edge, 40, grown(30)).root != grown(40).root
