"""The second implementation: every golden vector, in Node and in a browser, with and without help.

The vectors are those of the first implementation, positive and negative ones; the checks are in
`tests/js/checks.mjs`, so that nothing here says a second time what they say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from service.verify import bundle
from service.verify.bundling import BundleError
from tests.support.browser import chromium, offline
from tests.support.node import ROOT, SCRIPTS, node
from tests.vectors.making import FOLDER

WITHOUT_HELP = "Object.defineProperty(globalThis, 'crypto', {value: {}});"
"""As on a page that came over plain http: no `crypto.subtle`, no Ed25519."""

RUN_ALL = """async vectors => {
  const failed = [];
  const checks = window.allChecks(window.ln, vectors);
  for (const [name, check] of checks) {
    try { await check(); } catch (error) { failed.push(`${name}: ${error.message}`); }
  }
  return [checks.length, failed, typeof crypto.subtle];
}"""


def test_vectors_in_node() -> None:
    done = node("--test", SCRIPTS)
    assert done.returncode == 0, done.stdout[-4000:]
    assert "# fail 0" in done.stdout
    assert "# skipped 0" in done.stdout


def test_the_joined_module_is_the_same(tmp_path: Path) -> None:
    joined = tmp_path / "linernotes.mjs"
    joined.write_text(bundle(), encoding="utf-8")
    parts = ROOT / "service" / "verify" / "linernotes.mjs"
    script = (
        f"const [a, b] = [await import({json.dumps(parts.as_uri())}),"
        f" await import({json.dumps(joined.as_uri())})];"
        "console.log(JSON.stringify([Object.keys(a), Object.keys(b)]))"
    )
    done = node("--input-type=module", "--eval", script)
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert first == second
    assert "prove" in first


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def page_text() -> str:
    checks = bundle(SCRIPTS / "checks.mjs")
    shown = "window.ln = $linernotes; window.allChecks = $checks.allChecks; window.ready = true;"
    return f"<script type=module>{bundle()}\n{checks}\n{shown}</script>"


def vectors() -> dict[str, object]:
    return {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("*.json")}


def run_all(page: Page, path: Path) -> tuple[int, list[str], str]:
    page.goto(path.as_uri())
    page.wait_for_function("window.ready")
    count, failed, subtle = page.evaluate(RUN_ALL, vectors())
    return int(count), list(failed), str(subtle)


def test_vectors_in_a_browser(browser: Browser, tmp_path: Path, page_text: str) -> None:
    path = tmp_path / "vectors.html"
    path.write_text(page_text, encoding="utf-8")
    with offline(browser) as context:
        count, failed, subtle = run_all(context.new_page(), path)
    assert failed == []
    assert count > 350
    assert subtle == "object", "a file is a secure context: the platform's own Ed25519"


def test_vectors_in_a_browser_without_webcrypto(
    browser: Browser, tmp_path: Path, page_text: str
) -> None:
    path = tmp_path / "vectors.html"
    path.write_text(page_text, encoding="utf-8")
    with offline(browser) as context:
        context.add_init_script(WITHOUT_HELP)
        count, failed, subtle = run_all(context.new_page(), path)
    assert failed == []
    assert count > 350
    assert subtle == "undefined"


FORMS = [
    ('import * as all from "./b.mjs";\n', "import"),
    ("export default 1;\n", "export"),
    ('export { b } from "elsewhere";\n', "export"),
    ('import { a } from "./a.mjs";\n', "itself"),
]


@pytest.mark.parametrize(("text", "named"), FORMS, ids=[text.strip() for text, _ in FORMS])
def test_what_is_not_joined(tmp_path: Path, text: str, named: str) -> None:
    entry = tmp_path / "a.mjs"
    entry.write_text(text, encoding="utf-8")
    (tmp_path / "b.mjs").write_text("export const b = 1;\n", encoding="utf-8")
    with pytest.raises(BundleError, match=named):
        bundle(entry)


def test_an_import_that_leads_nowhere_is_an_error(tmp_path: Path) -> None:
    entry = tmp_path / "a.mjs"
    entry.write_text('import { b } from "./b.mjs";\n', encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        bundle(entry)


def test_no_file_is_longer_than_300_lines() -> None:
    scripts = [*(ROOT / "service").rglob("*.mjs"), *SCRIPTS.glob("*.mjs")]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in scripts}
    assert len(lengths) > 20
    assert not {name for name, lines in lengths.items() if lines > 300}


def test_the_module_imports_nothing_but_itself() -> None:
    source = re.compile(r'^(?:import|export|\}).* from "([^"]*)"', re.MULTILINE)
    for path in (ROOT / "service" / "verify").glob("*.mjs"):
        for name in source.findall(path.read_text(encoding="utf-8")):
            assert name.startswith("./")
