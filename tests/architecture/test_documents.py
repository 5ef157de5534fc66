"""DOCUMENTS: links lead somewhere, decisions that are named exist, and examples are real."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, lines_of, place, sources, texts

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#\s]*)(?:#[^)]*)?\)", text):
        if target and "://" not in target:
            assert (page.parent / target).exists(), target
    for target, anchor in re.findall(r"\]\(([^)#\s]*)#([^)]+)\)", text):
        there = page.parent / target if target else page
        assert anchor in _anchors(there), f"{target}#{anchor}"


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [path.name[:4] for path in DECISIONS] == [
        f"{n:04}" for n in range(1, len(DECISIONS) + 1)
    ]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_a_sentence_in_bold_and_what_enforces_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]} ")
    assert re.search(r"\*\*[^*]{20,}\*\*", text, re.DOTALL)
    assert "nforced by" in text


def test_every_decision_that_is_named_exists() -> None:
    known = {path.name[:4] for path in DECISIONS}
    for path in texts():
        if path == Path(__file__):
            continue
        for number, line in enumerate(lines_of(path), 1):
            for named in re.findall(r"[Dd]ecisions? (\d{4})", line):
                assert named in known, place(path, number)


def test_every_file_that_a_page_names_exists() -> None:
    rooted = re.compile(
        rf"`((?:{'|'.join((*PACKAGES, 'docs', 'deploy', 'tests', 'benchmarks'))})/[\w./-]*)`"
    )
    for page in PAGES:
        for named in rooted.findall(page.read_text(encoding="utf-8")):
            assert (ROOT / named).exists(), f"{page.name}: {named}"


def test_every_setting_is_told_and_every_setting_that_is_told_exists() -> None:
    name = re.compile(r"\b(?:LINERNOTES_|LEDGER_(?=BROKER|DATABASE))[A-Z0-9_]*[A-Z]\b")
    used = {found for path in sources() for found in name.findall(path.read_text(encoding="utf-8"))}
    told = {found for page in PAGES for found in name.findall(page.read_text(encoding="utf-8"))}
    hooks = {"LINERNOTES_KILL_AT"}  # set by tests alone; ledger/storage/killpoints.py
    assert told - used == set()
    assert used - told - hooks == set()


def test_the_folder_map_has_every_package() -> None:
    assert not [package for package in PACKAGES if f"{package}/" not in README]


def _anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.strip().replace(" ", "-") for head in plain}


def test_every_kill_point_stands_in_the_tables_of_crashes() -> None:
    reached = re.compile(r"reach(?:\(|ed=|ed: str = )\"(\w+)\"")
    in_code = {
        name for path in sources() for name in reached.findall(path.read_text(encoding="utf-8"))
    }
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    chapter = page[page.index("## What a crash") : page.index("## Two engines")]
    told = {
        name
        for row in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", chapter, re.MULTILINE)
        for name in re.findall(r"\w+", row)
    }
    assert told == in_code
    tests = "".join(path.read_text(encoding="utf-8") for path in sources("tests"))
    assert not [name for name in in_code if name not in tests], "a point that no test dies at"


def test_every_contract_of_imports_stands_in_its_table() -> None:
    contracts = (ROOT / ".importlinter").read_text(encoding="utf-8")
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^name = ([A-Z0-9]+):", contracts, re.MULTILINE))
    assert names == set(re.findall(r"^\| ([A-Z0-9]{3,}) \|", page, re.MULTILINE))
