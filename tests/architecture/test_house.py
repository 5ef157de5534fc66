"""HOUSE: what must not stand in the tree, and the reasons that must."""

import ast
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import PACKAGES, ROOT, lines_of, place, sources, syntax, texts

ELSEWHERE = {
    # Addresses in prose: standards, and names that are reserved for examples (RFC 2606).
    "c2pa.org",
    "c2sp.org",
    "cv.iptc.org",
    "github.com",
    "json-schema.org",
    "localhost",
    "no-color.org",
    "purl.org",
    "www.rfc-editor.org",
    "www.w3.org",
}
"""Hosts that a file may name. None of them is ever asked at run time."""

OWN_ADDRESS = re.compile(r"https?://(?:127\.0\.0\.1|\[|\{|host|here|localhost|testserver)")
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
WITH_CODE = re.compile(r"#\s*(?:noqa: [A-Z0-9, ]*[A-Z0-9]|type:\s*ignore\[[a-z, -]+\])")
WITH_REASON = re.compile(WITH_CODE.pattern + r"\s*(?:#|-)\s*\w")
"""A silenced rule names its code and says why, after `-` or a second `#`."""

BRITISH = re.compile(
    r"(?i:colour|behaviour|honour|favour|catalogue|licence|neighbour|cancelled(?!error)|cancelling"
    r"|labelled(?!by)|modelled|organis|normalis|recognis|initialis|serialis|synchronis"
    r"|authoris|optimis|summaris|artefact|whilst|enrolment)\w*"
)
"""Words in British spelling; this project writes American."""


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    assert not list(_lines_with(LOCAL)), "paths are given, or lie beside the file"


def test_no_file_speaks_of_how_it_was_made() -> None:
    assert not list(_lines_with(FORBIDDEN))


def test_every_address_is_a_standard_or_an_example() -> None:
    found = []
    for path in _ours():
        for number, line in _lines(path):
            for host in re.findall(r"https?://([A-Za-z0-9-]+\.[A-Za-z0-9.-]+)", line):
                bare = host.rstrip(".").lower()
                if not (bare in ELSEWHERE or EXAMPLES.search(bare) or OWN_ADDRESS.search(line)):
                    found.append(f"{place(path, number)} {bare}")
    assert not found


def test_every_silenced_rule_says_why() -> None:
    found = [
        f"{place(path, number)} {lines[number - 1].strip()}"
        for path in sources(*PACKAGES, "tests", "deploy", "benchmarks")
        for lines in [list(lines_of(path))]
        for number, comment in _comments(path)
        if SILENCED.search(comment) and not _has_reason(comment, lines[: number - 1], path)
    ]
    assert not found


def test_the_rule_about_reasons_bites() -> None:
    here = ROOT / "ledger/x.py"
    assert _has_reason("# noqa: S603 - our own module", [], here)
    assert _has_reason("# type: ignore[arg-type]  # a closed list", [], here)
    assert _has_reason("# noqa: S603", ["# Our own module."], here)
    assert not _has_reason("# noqa: S603", ["x = 1"], here)
    assert not _has_reason("# noqa", ["# Our own module."], here)
    assert not _has_reason("# type: ignore", ["# They ship no types."], here)


def test_there_is_no_emoji() -> None:
    assert not list(_lines_with(re.compile("[\U0001f300-\U0001faff\u2705\u274c\u2728]")))


def test_the_spelling_is_american() -> None:
    assert not list(_lines_with(BRITISH))


def test_records_are_whole_before_they_are_shared() -> None:
    """A class of records that another thread meets half made ends the process."""
    made = [
        place(path, node.lineno)
        for path in sources()
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.Attribute) and node.attr == "defstruct"
    ]
    assert len(made) == 1, made
    assert made[0].startswith("schemas/records.py"), made


def _ours() -> Iterator[Path]:
    """Yield the files in which the rules hold: not this one, which names what it forbids."""
    return (path for path in texts() if path != Path(__file__))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    return enumerate(lines_of(path), start=1)


def _lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in _ours():
        for number, line in _lines(path):
            if found := pattern.search(line):
                yield f"{place(path, number)} {found[0]!r}"


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


def _has_reason(comment: str, above: list[str], path: Path) -> bool:
    """Tell whether a silenced rule says why: beside it, or in a comment above its neighbors.

    Types in tests are narrowed by what the test does, so there the code is enough.
    """
    if not WITH_CODE.search(comment):
        return False
    if WITH_REASON.search(comment):
        return True
    if path.is_relative_to(ROOT / "tests") and "type:" in comment:
        return True
    before = next((line for line in reversed(above) if not SILENCED.search(line)), "")
    return before.lstrip().startswith("#")
