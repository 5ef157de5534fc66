"""HOUSE: what must not stand in the tree, and the reasons that must."""

import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, place, sources, texts

ELSEWHERE = {
    # Addresses in prose: standards, and names that are reserved for examples (RFC 2606).
    "c2pa.org",
    "c2sp.org",
    "cv.iptc.org",
    "github.com",
    "json-schema.org",
    "localhost",
    "www.rfc-editor.org",
    "www.w3.org",
}
"""Hosts that a file may name. None of them is ever asked at run time."""

OWN_ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|\[|\{|host|localhost|testserver)")
"""Addresses that are made at run time, or mean this machine."""

EXAMPLES = re.compile(r"[a-z0-9.-]*\.?example(?:\.(?:com|net|org))?$")
"""Names that RFC 2606 reserves for examples."""

LOCAL = re.compile(r"(?<![\w.-])/(?:work|root|home|Users|mnt|workspace)/\w")
"""Paths of somebody's machine."""

FORBIDDEN = re.compile(
    r"\bissue #?\d|\bTODO\b|\bFIXME\b|\bXXX\b(?!\")|\bpypi\.org|\bfiles\.pythonhosted|--index-url"
    r"|\bas an AI\b|\bChatGPT|\bClaude\b|\bCopilot\b",
    re.IGNORECASE,
)
"""Words that speak of how this was made, of work that is not done, or of registries."""

SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore)")
WITH_REASON = re.compile(
    r"#\s*(?:noqa: [A-Z0-9, ]*[A-Z0-9]|type:\s*ignore\[[a-z-]+(?:, ?[a-z-]+)*\])\s*(?:#|-)\s*\w"
)
"""A silenced rule names its code and says why, after `-` or a second `#`."""

BRITISH = re.compile(
    r"\b\w*(?:isation|ise[ds]?\b(?<!\bwise)(?<!rise)(?<!wise))|\b(?:colour|behaviour|honour|favour"
    r"|catalogue[ds]?|licence[ds]?|neighbour|centre|cancelled|cancelling|labelled|modelled)\w*",
    re.IGNORECASE,
)


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert not list(_lines_with(LOCAL)), "paths are given, or lie beside the file"


def test_no_file_speaks_of_how_it_was_made() -> None:
    assert not list(_lines_with(FORBIDDEN))


def test_every_address_is_a_standard_or_an_example() -> None:
    found = []
    for path in _ours():
        for number, line in _lines(path):
            for host in re.findall(r"https?://([A-Za-z0-9.-]+)", line):
                bare = host.rstrip(".").lower()
                if not (bare in ELSEWHERE or EXAMPLES.search(bare) or OWN_ADDRESS.search(line)):
                    found.append(f"{place(path, number)} {bare}")
    assert not found


def test_every_silenced_rule_says_why() -> None:
    found = [
        f"{place(path, token.start[0])} {token.string}"
        for path in sources("generation", "ledger", "projections", "schemas", "service", "tests")
        for token in _comments(path)
        if SILENCED.search(token.string) and not WITH_REASON.search(token.string)
    ]
    assert not found


def test_there_is_no_emoji() -> None:
    pictures = re.compile("[\U0001f300-\U0001faff\u2600-\u26ff\u2705\u274c\u2728]")
    assert not list(_lines_with(pictures))


def _ours() -> Iterator[Path]:
    """Yield the files in which the rules hold: not this one, which names what it forbids."""
    return (path for path in texts() if path != Path(__file__))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    return enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)


def _lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in _ours():
        for number, line in _lines(path):
            if found := pattern.search(line):
                yield f"{place(path, number)} {found[0]!r}"


def _comments(path: Path) -> Iterator[tokenize.TokenInfo]:
    with tokenize.open(path) as file:
        tokens = tokenize.generate_tokens(file.readline)
        yield from (token for token in tokens if token.type == tokenize.COMMENT)


assert ROOT.is_dir()
