"""How a database on a server is reached, by whoever has tables there: with an end to all waiting.

A host that is gone without a word answers nothing, and refuses nothing either. Left alone, whoever
asks it would wait for a quarter of an hour, and what it held there would stay held for two hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

CONNECT_TIMEOUT_S: Final = 10
"""How long one waits for a server to answer at all."""

_KEEP_ALIVE: Final = {
    # A server that is gone is noticed within half a minute, also with words under way.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "connect_timeout": CONNECT_TIMEOUT_S,
}
_KEPT_ALIVE: Final = {
    # The server notices likewise that we are, and gives away our locks and our role.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def reaching(url: str, options: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return how to connect, with `options` of the server's for the session.

    What the setting says about these itself stays. `psycopg.Error` where it is no PostgreSQL URL;
    that quotes a part of it, which may be the password.
    """
    given = {name: value for name, value in conninfo_to_dict(url).items() if value is not None}
    chosen = " ".join(f"-c {name}={value}" for name, value in {**options, **_KEPT_ALIVE}.items())
    merged: dict[str, Any] = {"application_name": "linernotes", **_KEEP_ALIVE, **given}
    merged["options"] = f"{chosen} {given.get('options', '')}".strip()
    return make_conninfo(**merged)
