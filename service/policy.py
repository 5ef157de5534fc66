"""By which policy readers accept the log's checkpoints: the log says it, a file repeats it.

The truth is in the log (`LogOpened`, `WitnessPolicyReplaced`, `KeysOfLogReplaced`). `policy.txt` in
the instance's folder is the same as a C2SP tlog-policy, for `liner prove` and for tools written by
others; it is written again whenever the log says something else.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger import whole_file
from ledger.application import Application
from ledger.evidence.policy import Policy, parse_policy, write_policy
from ledger.evidence.vkeys import VerifierKey
from ledger.rights.states.policy import LOG, POLICY, LogKey, PolicyState
from schemas import canonical

log: Final = logging.getLogger(__name__)

_LOG_LINE: Final = "log"


@dataclass(frozen=True, slots=True)
class _Read:
    """What the log said when it was looked at last."""

    state: PolicyState
    text: str
    policy: Policy


class WitnessPolicy:
    """The policy of one instance; `path` is the file to keep."""

    def __init__(self, application: Application, path: Path) -> None:
        self._application = application
        self._path = path
        self._read: _Read | None = None

    def current(self) -> Policy:
        """Return the policy that is in force at the visible head."""
        return self._now().policy

    def text(self) -> str:
        """Return it as a policy file."""
        return self._now().text

    def _now(self) -> _Read:
        state = self._application.look(lambda view, _at: view.ask(POLICY, LOG))
        read = self._read
        if read is None or read.state is not state:
            text = policy_of(self._application.origin, state)
            read = self._read = _Read(state, text, parse_policy(text))
            self._keep(text)
        return read

    def _keep(self, text: str) -> None:
        try:
            write_file(self._path, text)
        except OSError as error:
            # The log says the same, and the next start writes it again.
            log.warning("the policy file was not written [%s]", error)


def policy_of(origin: str, state: PolicyState) -> str:
    """Return the policy file that a log's state says: keys in force, keys of before, witnesses."""
    keys = [key for key in state.log_keys if "checkpoint" in key.row.roles]
    signing = [_vkey(origin, key) for key in keys if key.until is None]
    # The checkpoint that covers its end is signed by what replaced it.
    retired = [(_vkey(origin, key), key.until - 1) for key in keys if key.until is not None]
    entries = [
        (key.row.key, key.until)
        for key in state.log_keys
        if "entry" in key.row.roles and key.until is not None
    ]
    return write_policy(signing, state.witnesses, retired=retired, retired_entries=entries)


def _vkey(origin: str, key: LogKey) -> str:
    return str(VerifierKey(origin, canonical.unb64u(key.row.public_key)))


def write_file(path: Path, text: str) -> None:
    """Write the policy file if it says something else; a reader finds the old or the new one."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    whole_file.replace(path, text.encode())


def read_witness_lines(path: Path) -> tuple[str, ...]:
    """Return what a tlog-policy file says about witnesses: every line but the log's, bare of space.

    `EvidenceError` where the file is no policy. For founding a log, whose key is not known yet when
    the file is written, and for replacing its witnesses.
    """
    text = path.read_text(encoding="utf-8")
    parse_policy(text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(
        line
        for line in lines
        if line and not line.startswith("#") and line.split(" ")[0] != _LOG_LINE
    )
