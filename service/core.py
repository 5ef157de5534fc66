"""What every process of an instance has that reads or writes its log: keys, log, door, artifacts.

Opened in the order in which things depend on each other, closed in the reverse one. Two engines,
one code path: which store and which artifacts there are is chosen here by the settings, and
nothing above knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any

from generation.artifact_opening import open_artifacts
from ledger.answer import Answer
from ledger.application import Application
from ledger.closing import Closing
from ledger.evidence.vkeys import NoteKey, parse_vkey
from ledger.feed import Feed
from ledger.keys import read_instance_keys, read_key
from ledger.rights.states import KEY, LOG, POLICY, PolicyState
from ledger.rights.view import View
from ledger.shared_views import SharedViews
from ledger.signing import LogSigning
from ledger.storage.contract import Register
from ledger.storage.instants import utc_now
from ledger.storage.opening import Storage
from ledger.storage.registers import open_register
from ledger.storage.vault import read_master_key
from schemas.commands.base import Command
from schemas.commitments import Opening
from schemas.envelope.keys import SigningKey
from service.credentials import ClaimCredentials
from service.facts import InstanceFacts
from service.observing.needs import the_database, the_log, the_register
from service.observing.observer import Observing
from service.observing.standing import log_numbers
from service.policy import WitnessPolicy
from service.rendering import claim_credentials, public_keys, write_public_keys
from service.settings import Settings
from service.speaker import Speaker
from service.speaking import Attested, Said, say
from service.workers.finisher import Finisher


class Core(Closing):
    """An open log and who speaks to it. Use as a context.

    A `clock` that is given stands for the database's clock too: a simulated world has one time.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        create: bool = False,
        clock: Callable[[], datetime] = utc_now,
        observing: Observing | None = None,
    ) -> None:
        self.settings = settings
        self.observing = observing or Observing()
        self.clock = clock
        self.facts = InstanceFacts.load(settings.instance)
        self.keys = read_instance_keys(settings.keys)
        self.stack = ExitStack()
        with self.closing_on_error():
            self._open(create=create)

    def _open(self, *, create: bool) -> None:
        settings, facts, keys = self.settings, self.facts, self.keys
        self.signing = LogSigning.of(facts.origin, keys)
        note_key = NoteKey(facts.origin, keys.checkpoint)
        register = open_register(settings.register_place, [parse_vkey(one) for one in facts.vkeys])
        self.storage = self.stack.enter_context(
            Storage(
                settings.log_database,
                register=register,
                log_key=note_key,
                sign=self.signing.checkpoint,
                master_key=read_master_key(settings.master_key),
                create=create,
                clock=self.clock,
                database_clock=None if self.clock is utc_now else self.clock,
                observer=self.observing,
            )
        )
        self.store = self.storage.store
        self.feed = Feed(self.store, self.storage.visible)
        self.views = SharedViews()
        self.artifacts = open_artifacts(settings.artifact_settings)
        self.application = Application(
            self.store,
            self.storage.writer,
            origin=facts.origin,
            signing=self.signing,
            clock=self.clock,
            observer=self.observing,
        )
        self.stack.callback(self.application.close)
        self.signing.end = self.storage.writer.end
        said = self.said_of_log()
        self.signing.entry_key(said)  # rather not start than refuse every command
        intake, process = self._enrolled("intake"), self._enrolled("process")
        self.keys = replace(keys, intake=intake, process=process)
        write_public_keys(settings.ledger_keys, public_keys(facts.origin, keys, said))
        self.process = Speaker(self.application, facts.ledger_party, process, self.clock)
        self._watch(register)
        self.policy = WitnessPolicy(self.application, settings.policy)

    def _watch(self, register: Register) -> None:
        """Let an operator see the log, and whether this process can still append to it."""
        store, writer, visible = self.store, self.storage.writer, self.storage.visible
        self.observing.metrics.watch(
            "log",
            lambda: log_numbers(
                store, waiting=writer.waiting, register_size=lambda: register.held().size
            ),
        )
        needs = self.observing.readiness
        needs.need("log", the_log(visible))
        # A simulated world has one time, which its database does not know.
        needs.need("database", the_database(store, utc_now if self.clock is utc_now else None))
        needs.need("register", the_register(lambda: register.held().size))

    def make_finisher(self) -> Finisher:
        """Return a new one of what reads finished files back and reports what it read."""
        return Finisher(
            self.process,
            self.store,
            self.artifacts,
            anchors_pem=self.anchors_pem,
            observer=self.observing,
        )

    def _enrolled(self, role: str) -> SigningKey:
        """Return the newest key of a role that the log has enrolled; the first, if it has none."""
        keys = self.keys.held(role)

        def newest(view: View, _at: datetime) -> SigningKey:
            states = [(view.ask(KEY, key.kid), key) for key in keys]
            good = [(one.enrolled_position, key) for one, key in states if one.status == "enrolled"]
            return max(good, key=lambda row: row[0])[1] if good else keys[0]

        found: SigningKey = self.application.look(newest)
        return found

    def said_of_log(self) -> PolicyState:
        """Return how the log was opened, by whom it is witnessed, and by which keys signed."""
        found: PolicyState = self.application.look(lambda view, _at: view.ask(POLICY, LOG))
        return found

    def receipt_key(self) -> SigningKey:
        """Return the key that signs receipts."""
        return self.signing.receipt_key(self.said_of_log())

    def credentials(self) -> ClaimCredentials:
        """Return the claim signer's certificates: production ones by setting, else the local."""
        return claim_credentials(self.settings)

    def anchors_pem(self) -> str:
        """Return the roots that the claims of files must lead to, as PEM."""
        return self.credentials().anchors.read_text(encoding="ascii")

    def speaker(self, party: str) -> Speaker:
        """Return a party that speaks with its own key from this machine's keyring."""
        key = read_key(self.settings.keyring / f"{party}.key")
        return Speaker(self.application, party, key, self.clock)

    def operator(self) -> Speaker:
        """Return the operator: registrar, platform and finance officer of a new instance."""
        return self.speaker(self.facts.operator_party)

    async def attest(self, command: Command, actor: str, attested: Attested, **more: Any) -> Answer:
        """Hand in a command of a party without an own key, as the intake key's word."""
        said: Said = say(
            command,
            actor=actor,
            key=self.keys.intake,
            ledger=self.facts.origin,
            now=self.clock(),
            attested=attested,
            **more,
        )
        return await self.application.handle_async(said.raw, said.openings)

    def say_by_process(
        self, command: Command, command_id: str, openings: tuple[Opening, ...]
    ) -> Answer:
        """Say what a process of the ledger has to say, under an id that makes it a repetition."""
        return self.process.say(command, openings=openings, command_id=command_id)

    def close(self) -> None:
        """Stop what acts by itself, finish what is queued, give everything back."""
        self.stack.close()

    def closing_on_error(self) -> ExitStack:
        """Return a context that closes everything if it is left by an exception."""
        guard = ExitStack()
        guard.push(lambda kind, _error, _traceback: self.stack.close() if kind else None)
        return guard
