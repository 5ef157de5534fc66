"""The keys that the command line keeps on this machine: own keys from the first day.

One file a key, readable by its owner alone, in `<home>/keyring`: `<party>.key` is the one that
signs, `<party>.<key>.next` one that waits for its confirmation, `<party>.<key>.old` one that was
replaced. `names.json` remembers what parties are called, `<party>.token` a token for reading.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ledger import whole_file
from ledger.keys import read_key, write_key
from schemas import drafts
from schemas.drafts import OWNER_ONLY
from schemas.envelope.keys import SigningKey
from schemas.ids import new_id
from schemas.refusals import Malformed
from service.cli.ends import EndError

NAMES: Final = "names.json"
"""The file that remembers what parties are called."""


class Keyring:
    """The key files of one folder. Nothing here asks the log whether a key is enrolled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def parties(self) -> list[str]:
        """Return the parties that can sign here, in the order of their ids."""
        return sorted(path.stem for path in self.folder.glob("pty_*.key"))

    def key(self, party: str) -> SigningKey:
        """Return the key by which a party signs. `key_missing`, `key_open`, `key_broken`."""
        path = self.folder / f"{party}.key"
        if not path.exists():
            text = f"there is no key of {self.name(party) or party} in {self.folder}"
            raise EndError("key_missing", f"{text}: --as names a party whose key is here")
        return _read(path)

    def make(self, party: str) -> tuple[SigningKey, bool]:
        """Make a key for a party; tell whether it waits beside one that signs already."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = SigningKey.generate(new_id("key"))
        waits = (self.folder / f"{party}.key").exists()
        name = f"{party}.{key.kid}.next" if waits else f"{party}.key"
        write_key(self.folder / name, key)
        return key, waits

    def promote(self, kid: str) -> str | None:
        """Let a key that was confirmed sign from now on; return its party, None if not here."""
        for waiting in self.folder.glob(f"pty_*.{kid}.next"):
            party = waiting.name.partition(".")[0]
            current = self.folder / f"{party}.key"
            # If we stop between the two, the new one still waits, and promoting it again ends it.
            if current.exists():
                drafts.rename(current, self.folder / f"{party}.{_read(current).kid}.old")
            drafts.rename(waiting, current)
            return party
        return None

    def forget(self, party: str, key: SigningKey) -> None:
        """Remove a key file that was made a moment ago and that nobody took."""
        for name in (f"{party}.{key.kid}.next", f"{party}.key"):
            path = self.folder / name
            if path.exists() and _read(path).kid == key.kid:
                path.unlink()
                return

    def rows(self) -> list[dict[str, Any]]:
        """Return every key here: its party, what that is called, its id, and its state."""
        found = []
        for path in sorted(self.folder.glob("pty_*")):
            party, _, rest = path.name.partition(".")
            state = {"key": "signs", "next": "waits", "old": "replaced"}.get(rest.split(".")[-1])
            if state is not None:
                name = self.name(party)
                found.append({"party": party, "name": name, "key": _read(path).kid, "state": state})
        return found

    def names(self) -> dict[str, dict[str, Any]]:
        """Return what is remembered of parties: name, roles."""
        try:
            found: dict[str, dict[str, Any]] = json.loads((self.folder / NAMES).read_bytes())
        except FileNotFoundError:
            return {}
        return found

    def name(self, party: str) -> str:
        """Return what a party is called here, or nothing."""
        return str(self.names().get(party, {}).get("name", ""))

    def remember(self, party: str, name: str, roles: Iterable[str]) -> None:
        """Remember what a party is called: a convenience, never evidence."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {**self.names(), party: {"name": name, "roles": sorted(roles)}}
        private_file(self.folder / NAMES, json.dumps(names, indent=1, sort_keys=True) + "\n")

    def token_path(self, party: str) -> Path:
        """Return where the token of a party lies, if this machine made one."""
        return self.folder / f"{party}.token"


def private_file(path: Path, text: str) -> None:
    """Write a text that its owner alone may read; whole, or not at all."""
    whole_file.replace(path, text.encode(), mode=OWNER_ONLY)


def _read(path: Path) -> SigningKey:
    """Read one key file; every way in which it can be unfit is one sentence."""
    try:
        return read_key(path)
    except ValueError as error:
        raise EndError("key_open", str(error)) from error
    except (Malformed, KeyError, TypeError) as error:
        raise EndError("key_broken", f"{path} is no key file") from error
