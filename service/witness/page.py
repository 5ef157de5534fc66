"""The page of a witness, for people: who it is, what it watches, and what its word means."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Final

from ledger.evidence.note import parse_checkpoint, read_note, verify_note
from ledger.evidence.submission import monitoring_path
from ledger.evidence.texts import encode
from service.witness.core import Watched, Witness

_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Witness {name}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem;
  color: #1b1b1b; background: #fff }}
code {{ overflow-wrap: anywhere }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; vertical-align: top; padding: .4rem .8rem .4rem 0;
  border-bottom: 1px solid #bbb }}
@media (prefers-color-scheme: dark) {{ body {{ color: #eee; background: #161616 }}
  a {{ color: #9cf }} }}
</style>
<h1>Witness {name}</h1>
<p>This witness remembers the newest state of each log below, and signs a newer one only if it
continues what it remembers. So nobody can be shown another history of a log under its signature.
It does not know whether what a log says is true.</p>
<p>Its verifier key, for policy files:</p>
<p><code>{vkey}</code></p>
<h2>Logs</h2>
<table>
<thead><tr><th>Origin<th>Entries<th>Root<th>Signed</thead>
<tbody>
{rows}
</tbody>
</table>
<p>Logs submit to <code>add-checkpoint</code>, by the witness protocol of C2SP.</p>
</html>
"""


def page(witness: Witness) -> str:
    """Return the page as it is now."""
    rows = [_row(witness, origin, log) for origin, log in sorted(witness.logs.items())]
    return _PAGE.format(
        name=escape(witness.key.name),
        vkey=escape(witness.key.vkey),
        rows="\n".join(rows) or '<tr><td colspan="4">none yet',
    )


def _row(witness: Witness, origin: str, log: Watched) -> str:
    text = log.memory.read()
    if text is None:
        return f"<tr><td>{escape(origin)}<td>0<td><td>not yet"
    note = read_note(text)
    seen = parse_checkpoint(note.body)
    (signed,) = verify_note(note, (witness.key.verifier,))
    when = datetime.fromtimestamp(signed.time_s or 0, UTC)
    return (
        f'<tr><td><a href="{monitoring_path(origin)}">{escape(origin)}</a><td>{seen.size}'
        f"<td><code>{encode(seen.root)}</code><td>{when:%Y-%m-%d %H:%M:%S} UTC"
    )
