"""Finding the ledger to talk to: the service that was named, the one that holds the file, or us.

A service writes its address into the process lock; so the command line finds it instead of
failing (contracts, section 10). Another holder without an address is a sentence and exit code 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx

from ledger.storage.errors import AlreadyHeld
from ledger.storage.lock import read_holder
from service.cli.door import TIMEOUT_S, Door
from service.cli.ends import EndError
from service.cli.keyring import private_file

if TYPE_CHECKING:
    from service.cli.run import Run
    from service.instance import Instance

HELLO_S: Final = 2.0
"""How long a service on this machine may take to say that it is there."""

OPERATOR_ROLES: Final = ("auditor", "operator", "registrar", "finance", "platform")
"""What the operator reads as: whoever has the folder can read all that is in it."""

PARTY_ROLES: Final = ("holder", "creator", "streaming_service")
"""What another party of this keyring reads as, if nothing else is remembered of it."""


@contextmanager
def open_door(run: Run, *, work: bool) -> Iterator[Door]:
    """Give the ledger that the options name."""
    if run.options.server:
        with _client(run.options.server, trust_env=True) as http:
            door = Door(http, is_here=False)
            door.present(run.options.token or _own_token(run, door.origin))
            yield door
        return
    url = str(read_holder(run.settings.database).get("url") or "")
    if url and _answers(url, run.facts.origin):
        with _at(run, url) as door:
            yield door
        return
    with ExitStack() as stack:
        try:
            door = stack.enter_context(_here(run, work=work))
        except AlreadyHeld as held:
            if held.url is None:
                raise
            door = stack.enter_context(_at(run, held.url))
        yield door


@contextmanager
def _at(run: Run, url: str) -> Iterator[Door]:
    """Give the service that holds this folder's file."""
    with _client(url, trust_env=False) as http:
        door = Door(http, is_here=False)
        door.present(run.options.token or token_of(run, run.facts.operator_party))
        yield door


@contextmanager
def _here(run: Run, *, work: bool) -> Iterator[Door]:
    """Give this folder, opened in this process."""
    from service.inprocess import InProcess  # noqa: PLC0415 - only if nobody else holds the file
    from service.instance import Instance  # noqa: PLC0415 - likewise

    run.facts  # noqa: B018 - says in one sentence that there is no instance here
    with Instance(run.settings, work=work) as instance:
        transport = InProcess(instance)
        with _client("http://here", transport=transport) as http:
            door = Door(
                http,
                is_here=True,
                is_working=lambda: not work or instance.queue.is_alive,
                move_payouts=lambda: (instance.payouts.tell(), instance.payouts.take()),
                publish_root=lambda: _publish_root(instance),
            )
            door.present(run.options.token or token_of(run, run.facts.operator_party))
            yield door


def _publish_root(instance: Instance) -> None:
    """Log the newest root of the index, which a service would do each minute."""
    said = instance.feed.events_of("index:log", until=instance.feed.visible_head())
    instance.indexer.publish_if_due(said[-1].time if said else None)


def _client(url: str, **how: object) -> httpx.Client:
    if not url.startswith(("http://", "https://")):
        raise EndError("server_unfit", f"a service has an address such as http://host:8710: {url}")
    return httpx.Client(base_url=url, timeout=TIMEOUT_S, follow_redirects=False, **how)  # type: ignore[arg-type]  # passed through


def _answers(url: str, origin: str) -> bool:
    """Tell whether a service of this ledger answers at an address that a lock file names."""
    try:
        found = httpx.get(f"{url}/health", timeout=HELLO_S, trust_env=False).json()
    except (httpx.HTTPError, ValueError):
        return False
    return isinstance(found, dict) and found.get("origin") == origin


def _own_token(run: Run, origin: str) -> str | None:
    """Return a token of our own for a named service, if it serves this very folder."""
    return token_of(run, run.facts.operator_party) if serves_us(run, origin) else None


def serves_us(run: Run, origin: str) -> bool:
    """Tell whether the ledger we talk to, which says it is `origin`, is this folder's own.

    Anybody can say so: tokens that this folder makes go to this machine alone, or to the address
    that the holder of its file has written down.
    """
    if not run.settings.instance.exists() or run.facts.origin != origin:
        return False
    named = run.options.server
    announced = str(read_holder(run.settings.database).get("url") or "")
    return named is None or is_here(named) or named.rstrip("/") == announced.rstrip("/")


def is_here(url: str) -> bool:
    """Tell whether an address is of this machine, and of nobody else's (RFC 6761, section 6.3)."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def read_as(run: Run, door: Door) -> None:
    """Read as the party that `--as` names, where this folder can make its token."""
    if run.options.token or run.options.as_party is None:
        return
    if serves_us(run, door.origin):
        door.present(token_of(run, run.speaker))


def token_of(run: Run, party: str) -> str:
    """Return the token by which this machine reads for a party; made when first needed.

    Whoever may write the folder's tokens could make any: this adds no power, only a convenience.
    """
    from service.identity import ROLES, TokenError, Tokens  # noqa: PLC0415 - writes files

    tokens, path = Tokens(run.settings.tokens), run.keyring.token_path(party)
    try:
        known = path.read_text(encoding="utf-8").strip()
        tokens.authenticate(known)
    except (FileNotFoundError, TokenError):
        remembered = set(run.keyring.names().get(party, {}).get("roles", ())) & set(ROLES)
        roles = OPERATOR_ROLES if party == run.facts.operator_party else remembered or PARTY_ROLES
        known = tokens.issue(party, set(roles) - {"worker"}, "the command line on this machine")
        private_file(path, known + "\n")
    return known
