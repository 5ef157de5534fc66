"""One run of the command line: what was asked for everywhere, and what a verb needs of the world.

Everything is opened when it is first needed and closed when the verb has ended.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.closing import Closing
from service.cli.ends import EndError, usage
from service.cli.keyring import Keyring
from service.cli.output import Output
from service.facts import InstanceFacts
from service.settings import Settings

if TYPE_CHECKING:
    # Opening a door brings a web framework; `prove`, `inspect` and `audit` open none.
    from schemas.commands.base import Command
    from service.cli.door import Door

OPERATOR = "operator"
"""The name by which the operator of a new instance is found."""


@dataclass(frozen=True, slots=True)
class Options:
    """The options that every verb takes."""

    as_json: bool
    home: Path | None
    server: str | None
    token: str | None
    as_party: str | None
    as_of: str | None
    valid_at: str | None
    debug: bool


class Run(Closing):
    """One command at work. Use as a context."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.out = Output(as_json=options.as_json)
        self.settings = Settings.of(options.home)
        self.keyring = Keyring(self.settings.keyring)
        self.said: list[dict[str, Any]] = []
        self._stack = ExitStack()
        self._door: Door | None = None

    @cached_property
    def facts(self) -> InstanceFacts:
        """What the instance in this folder is; `no_instance` where there is none."""
        try:
            return InstanceFacts.load(self.settings.instance)
        except FileNotFoundError as error:
            text = f"there is no instance in {self.settings.home}"
            raise EndError("no_instance", f"{text}: make one with `liner init`") from error
        except (ValueError, TypeError) as error:
            raise EndError("no_instance", f"{self.settings.instance} is damaged") from error

    @property
    def door(self) -> Door:
        """The ledger to talk to: a service, or this folder opened in this process."""
        return self._door or self._open(work=False)

    def work(self) -> None:
        """Render here what is authorized, if no service does it: opens this folder once more."""
        if self._door is None or self._door.is_here:
            self._stack.close()
            self._open(work=True)

    def _open(self, *, work: bool) -> Door:
        from service.cli.opening import open_door, read_as  # noqa: PLC0415 - see TYPE_CHECKING

        self._door = self._stack.enter_context(open_door(self, work=work))
        read_as(self, self._door)
        return self._door

    @cached_property
    def speaker(self) -> str:
        """The party that speaks: `--as`, or the operator of this folder's instance."""
        named = self.options.as_party
        if named is None and self.options.server and not self.settings.instance.exists():
            raise usage("--as names the party that speaks")
        if named is None or named == OPERATOR:
            return self.facts.operator_party
        return self.party(named)

    def party(self, named: str) -> str:
        """Return the id of a party, given by id or by its registered name; `operator` is one."""
        if named == OPERATOR and self.settings.instance.exists():
            return self.facts.operator_party
        from service.cli.names import find  # noqa: PLC0415 - it asks the log

        return find(self, "party", named)

    def find(self, kind: str, named: str) -> str:
        """Return the id of a recording, work or model, given by id, title or identifier."""
        from service.cli.names import find  # noqa: PLC0415 - it asks the log

        return find(self, kind, named)

    def asset(self, named: str) -> str:
        """Return the id of a recording or of a work; where both bear the name, an id is due."""
        from service.cli.names import find_either  # noqa: PLC0415 - it asks the log

        return find_either(self, ("recording", "work"), named)

    @property
    def axes(self) -> dict[str, str]:
        """Both axes of time as a question's parameters."""
        given = {"as_of": self.options.as_of, "valid_at": self.options.valid_at}
        return {name: value for name, value in given.items() if value is not None}

    def say(self, command: Command, *, party: str | None = None, **more: Any) -> dict[str, Any]:
        """Sign a command with the own key of `party` (who speaks, if left out) and hand it in.

        Keyword arguments are those of `service.speaking.say`. Returns the answer.
        """
        from service.speaking import say  # noqa: PLC0415 - only who says something needs it

        actor = party or self.speaker
        key = more.pop("key", None) or self.keyring.key(actor)
        said = say(
            command,
            actor=actor,
            key=key,
            ledger=self.door.origin,
            now=datetime.now(UTC),
            **more,
        )
        answer = self.door.submit(said)
        self.said.append(answer)
        return answer

    def confirm(self, command: Command) -> dict[str, Any]:
        """Say a confirmation by the operator's key of this machine.

        Two statements stay two: a claim by its party, a confirmation by a registrar.
        """
        if not self.settings.instance.exists():
            text = "--confirm needs the operator's key, which is not in this folder"
            raise EndError("key_missing", text)
        return self.say(command, party=self.facts.operator_party)

    def tell(self, what: dict[str, Any]) -> None:
        """Tell what was done: the ids of new things, and each entry with its position."""
        entries = [entry for answer in self.said for entry in answer["entries"]]
        if self.out.as_json:
            self.out.document({**what, "entries": entries, "head": self.said[-1]["head"]})
            return
        rows = [
            {"position": row["position"], "type": row["type"], "id": row["id"]} for row in entries
        ]
        self.out.rows(("position", "type", "id"), rows, right=("position",), heading=False)
        for name, value in what.items():
            self.out.say(f"{name}\t{value}" if not self.out.for_people else f"{name} {value}")

    def close(self) -> None:
        """Give back what was opened."""
        self._stack.close()
