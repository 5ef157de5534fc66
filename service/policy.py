"""By which policy readers accept the log's checkpoints: the log says it, a file repeats it.

The truth is in the log (`LogOpened`, `WitnessPolicyReplaced`). `policy.txt` in the instance's
folder is the same as a C2SP tlog-policy, for `liner prove` and for tools written by others; it is
written again whenever the log says something else.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ledger.application import Application
from ledger.evidence.policy import Policy, parse_policy, write_policy
from ledger.rights.states.policy import LOG, POLICY

log: Final = logging.getLogger(__name__)

_LOG_LINE: Final = "log"


@dataclass(frozen=True, slots=True)
class _Read:
    """What the log said when it was looked at last."""

    lines: tuple[str, ...]
    text: str
    policy: Policy


class WitnessPolicy:
    """The policy of one instance. `vkey` is the log's verifier key, `path` the file to keep."""

    def __init__(self, application: Application, *, vkey: str, path: Path) -> None:
        self._application = application
        self._vkey = vkey
        self._path = path
        self._read: _Read | None = None

    def current(self) -> Policy:
        """Return the policy that is in force at the visible head."""
        return self._now().policy

    def text(self) -> str:
        """Return it as a policy file."""
        return self._now().text

    def _now(self) -> _Read:
        lines = self._application.look(lambda view, _at: view.ask(POLICY, LOG).witnesses)
        read = self._read
        if read is None or read.lines != lines:
            text = write_policy((self._vkey,), lines)
            read = self._read = _Read(lines, text, parse_policy(text))
            self._keep(text)
        return read

    def _keep(self, text: str) -> None:
        try:
            write_file(self._path, text)
        except OSError as error:
            # The log says the same, and the next start writes it again.
            log.warning("the policy file was not written [%s]", error)


def write_file(path: Path, text: str) -> None:
    """Write the policy file if it says something else; a reader finds the old or the new one."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(text, encoding="utf-8", newline="\n")
    fresh.replace(path)


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
