"""Checks the form of a signed payload fast: nearly all match one pattern over their bytes.

Whatever matches has the form that `fields` asks for, member by member; whatever does not match (a
name with letters beyond ASCII, say) is looked at there, which also says what is wrong. The
patterns judge canonical JSON alone. There no quotation mark inside a text stands without its
backslash, so what is matched before `data` and behind it are members of the outermost object, and
if the object has just as many members, `data` is all between. Whether an instant is on the calendar
is left to the caller.
"""

import re
from typing import Final

from schemas.envelope.fields import UUID7

_NAME: Final = r'"[!#-\[\]-~]{1,256}"'
_ORIGIN: Final = r'"(?![^"]*://)[!#-*,-\[\]-~]{1,256}(?<!/)"'
_TYPE: Final = r'"[A-Z][A-Za-z0-9]{2,63}"'
_ORDINAL: Final = "[1-9][0-9]{0,15}"
_SECOND: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
_INSTANT: Final = rf'"{_SECOND}(?:\.[0-9]{{6}})?Z"'
_COMMITMENT: Final = r'\{"commit":"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"\}'
_PRIVATE: Final = f"(?:{_NAME}|{_COMMITMENT})"


def _pattern(members: dict[str, str]) -> re.Pattern[bytes]:
    """Make the pattern of an object with just these members, which are in order."""
    text = ",".join(f'"{name}":{form}' for name, form in members.items())
    return re.compile(rf"\{{{text}\}}".encode("ascii"), re.DOTALL)


_STATEMENT: Final = _pattern(
    {
        "actor": f"({_NAME})",
        "after": f"(?:null|{_ORDINAL})",
        "command": f"({_TYPE})",
        "data": r"(\{.*\})",
        "expires_at": _INSTANT,
        "id": f'"cmd_{UUID7}"',
        "issued_at": _INSTANT,
        "ledger": _ORIGIN,
        "mandate": f"(?:null|{_NAME})",
        "version": _ORDINAL,
    }
)

ENTRY: Final = _pattern(
    {
        "actor": _PRIVATE,
        "command": f'"cmd_{UUID7}"',
        "correlation": f"(?:null|{_PRIVATE})",
        "data": r"\{.*\}",
        "id": f'"evt_{UUID7}"',
        "index": f"(?:0|{_ORDINAL})",
        "ledger": _ORIGIN,
        "of": _ORDINAL,
        "recorded_at": rf'"{_SECOND}\.[0-9]{{6}}Z"',
        "rules": _ORDINAL,
        "statement_sha256": '"[0-9a-f]{64}"',
        "type": _TYPE,
        "version": _ORDINAL,
    }
)
"""The payload of an entry."""


def same(content: bytes) -> bytes | None:
    """Return the canonical bytes of actor, command and data of a statement of the usual form.

    None where it has another form, which may be right as well.
    """
    found = _STATEMENT.fullmatch(content)
    return found and b'{"actor":%b,"command":%b,"data":%b}' % found.groups()
