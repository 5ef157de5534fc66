"""Step 3, and the keys of step 4: which keys may sign, as the entries before say it."""

from __future__ import annotations

from ledger.audit.log import AnyRow
from ledger.audit.one_row import Look, Told
from ledger.audit.replay import World
from ledger.audit.whole import Whole
from ledger.rights.states.keys import KEY, KeyState
from ledger.rights.view import View
from schemas import canonical
from schemas.envelope.entry import read_entry
from schemas.events.log import LogOpened
from schemas.refusals import Malformed

_Both = tuple[bytes | None, bytes | None]


class Enrolled:
    """The keys of a world: a handful, which sign nearly everything, so each is decoded once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, _Both] = {}

    def moved(self) -> None:
        """Take note that the life of some key has moved."""
        self._known.clear()

    def have_signed(self, seen: Whole) -> bool:
        """Tell whether a command is signed by keys that were enrolled for it, or that it brings."""
        if self._both(seen.kid)[0] != seen.signed_by:
            return False
        told = seen.told
        if told is None:
            return True
        due = told.own if told.own is not None else self._both(told.kid)[1]
        return due is not None and told.signed_by == due

    def wrong(self, row: AnyRow, seen: Look) -> str | None:
        """Return what is wrong with the key of an entry, or with its signature."""
        state = self._state(seen.kid)
        public = state.public_key if "entry" in state.roles else ""
        if seen.topic == LogOpened.TOPIC and row.position == 1:
            rows = read_entry(row.raw).data["keys"]
            keys = {key["key"]: key for key in rows if "entry" in key["roles"]}
            public = keys.get(seen.kid, {}).get("public_key", "")
        if not public or state.status == "revoked":
            return f"no entry key was enrolled as {seen.kid}"
        try:
            known = canonical.unb64u(public)
            if seen.signed_by != known:
                read_entry(row.raw).verify(known)
        except Malformed as error:
            return str(error)
        return None

    def signer(self, told: Told) -> bytes | None:
        """Return the key by which a statement that was looked at must verify, if there is one.

        Raises `Malformed` where it was enrolled as something that is no key.
        """
        if told.own is not None:
            return told.own
        state = self._state(told.kid)
        return None if state.status == "none" else canonical.unb64u(state.public_key)

    def _state(self, kid: str) -> KeyState:
        return View(self._world).ask(KEY, kid)

    def _both(self, kid: str) -> _Both:
        """Return by which key entries of this id must verify, and by which statements; or None."""
        known = self._known.get(kid)
        if known is None:
            known = self._known[kid] = self._read(kid)
        return known

    def _read(self, kid: str) -> _Both:
        state = self._state(kid)
        try:
            public = canonical.unb64u(state.public_key)
        except Malformed:
            return None, None
        if state.status == "none" or not public:
            return None, None
        signs_entries = "entry" in state.roles and state.status != "revoked"
        return public if signs_entries else None, public
