"""One running instance in the embedded engine: everything that is one process and one file.

Opened in the order in which things depend on each other, closed in the reverse one. Two engines,
one code path: what differs between them is chosen here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from importlib.metadata import version
from types import TracebackType
from typing import Any, Final, Self

from generation.artifacts import ArtifactFolder
from generation.embedding import ClaimSigner
from generation.worker import Identity, Worker
from ledger.answer import Answer
from ledger.application import Application
from ledger.evidence.vkeys import NoteKey
from ledger.feed import Feed
from ledger.keys import read_instance_keys, read_key
from ledger.storage.instants import utc_now
from ledger.storage.killpoints import reach
from ledger.storage.opening import Storage
from ledger.storage.register import FileRegister
from ledger.storage.vault import read_master_key
from schemas.commands.base import Command
from schemas.commitments import Opening
from schemas.messages import LedgerKeys
from service.assurance import Assurer
from service.authority import worker_credentials
from service.credentials import ClaimCredentials
from service.facts import InstanceFacts
from service.founding import WORKER_NAME
from service.inspection import Inspector
from service.outputs import ProjectedOutputs
from service.payouts.desk import PayoutDesk
from service.payouts.files import FilePayouts
from service.payouts.pain import Debtor
from service.payouts.waiting import Waiting
from service.policy import WitnessPolicy
from service.reading_models import ReadingModels
from service.settings import Settings
from service.speaker import Speaker
from service.speaking import Attested, Said, say
from service.workers.embedded import EmbeddedQueue
from service.workers.finisher import Finisher
from service.workers.indexing import Indexer
from service.workers.scheduler import Scheduler
from service.workers.witnessing import Witnessing

__all__ = ["Instance", "Speaker"]

DEBTOR_CHARACTERS_MAX: Final = 70
"""Characters of a name in a payment message (ISO 20022, Max70Text of the SEPA rulebooks)."""


class Instance:
    """An open instance. Use as a context; `work=True` starts the queue and the scheduler.

    A `clock` that is given stands for the database's clock too: a simulated world has one time.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        create: bool = False,
        work: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.facts = InstanceFacts.load(settings.instance)
        self.keys = read_instance_keys(settings.keys)
        self._stack = ExitStack()
        try:
            self._open(create=create)
            if work:
                self._start()
        except BaseException:
            self._stack.close()
            raise

    def _open(self, *, create: bool) -> None:
        settings, facts, keys = self.settings, self.facts, self.keys
        note_key = NoteKey(facts.origin, keys.checkpoint)
        self.storage = self._stack.enter_context(
            Storage(
                settings.database,
                register=FileRegister(settings.register, [note_key.verifier]),
                log_key=note_key,
                master_key=read_master_key(settings.master_key),
                create=create,
                clock=self.clock,
                database_clock=None if self.clock is utc_now else self.clock,
            )
        )
        self.store = self.storage.store
        self.feed = Feed(self.store, self.storage.visible)
        self.artifacts = ArtifactFolder(settings.artifacts)
        self.application = Application(
            self.store,
            self.storage.writer,
            origin=facts.origin,
            entry_key=keys.entry,
            clock=self.clock,
        )
        self.policy = WitnessPolicy(
            self.application, vkey=facts.checkpoint_vkey, path=settings.policy
        )
        self.finisher = Finisher(
            self.application,
            self.store,
            self.artifacts,
            party=facts.ledger_party,
            key=keys.process,
            anchors_pem=lambda: self.credentials().anchors.read_text(encoding="ascii"),
            clock=self.clock,
        )

        self._open_models()
        self.payouts = PayoutDesk(
            FilePayouts(settings.payouts, self._debtor()),
            waiting=Waiting(self.store),
            say=self._say_outcome,
        )

        self.indexer = Indexer(
            self.application,
            self.readings,
            party=facts.ledger_party,
            key=keys.process,
            clock=self.clock,
        )
        self._open_assurer()
        self.inspector = Inspector(
            self.store,
            ProjectedOutputs(self.readings),
            anchors_pem=lambda: self.credentials().anchors.read_text(encoding="ascii"),
        )

    def _open_models(self) -> None:
        """Bring the reading models up to date, and keep them so in a thread."""
        models = ReadingModels(
            self.settings.database,
            self.store,
            self.feed,
            self.storage.visible,
            clock=self.clock,
            marker=self.settings.home / "forgotten",
        )
        self._stack.callback(models.close)
        self.database, self.readings = models.database, models.readings
        self.runner, self.forgetting = models.runner, models.forgetting

    def _debtor(self) -> Debtor:
        """Return whose account pays: the operator's, by setting."""
        chosen = self.settings
        return Debtor(
            name=self.facts.operator_name[:DEBTOR_CHARACTERS_MAX],
            iban=chosen.debtor_iban,
            bic=chosen.debtor_bic,
        )

    def _say_outcome(
        self, command: Command, command_id: str, openings: tuple[Opening, ...]
    ) -> Answer:
        said = say(
            command,
            actor=self.facts.ledger_party,
            key=self.keys.process,
            ledger=self.facts.origin,
            now=self.clock(),
            openings=openings,
            command_id=command_id,
        )
        return self.application.handle(said.raw, said.openings)

    def _open_assurer(self) -> None:
        """Make what reports whether everything matches; it runs where the instance works."""
        self.assurer = Assurer(
            self.store,
            self.feed,
            self.readings,
            origin=self.facts.origin,
            vkey=self.facts.checkpoint_vkey,
            clock=self.clock,
        )

    def _start(self) -> None:
        """Start what acts by itself: asking witnesses, the queue and the scheduler."""
        self.witnessing = Witnessing(self.store, self.storage.visible, self.policy.current)
        self.witnessing.start()
        self._stack.callback(self.witnessing.close)
        self.queue = EmbeddedQueue(
            self.store,
            self.feed,
            worker=self.worker(),
            finisher=self.finisher,
            origin=self.facts.origin,
            key=self.keys.process,
            proving=self.witnessing,
        )
        self.queue.start()
        self._stack.callback(self.queue.close)
        self.scheduler = Scheduler(
            self.application,
            self.store,
            party=self.facts.ledger_party,
            key=self.keys.process,
            clock=self.clock,
            outcomes=self.payouts,
            forgetting=self.forgetting,
        )
        self.scheduler.start()
        self._stack.callback(self.scheduler.close)
        self.indexer.start()
        self._stack.callback(self.indexer.close)
        self.assurer.start()
        self._stack.callback(self.assurer.close)

    def credentials(self) -> ClaimCredentials:
        """Return the claim signer's certificates: production ones by setting, else the local."""
        chosen = self.settings
        if chosen.claim_anchors and chosen.claim_chain and chosen.claim_key:
            return ClaimCredentials(chosen.claim_anchors, chosen.claim_chain, chosen.claim_key)
        return worker_credentials(chosen.authority, worker=WORKER_NAME)

    def worker(self) -> Worker:
        """Return the embedded generation worker."""
        # Here, because it brings scipy: whoever only asks or signs should not wait for that.
        from generation.models.mosaic import Mosaic  # noqa: PLC0415 - see the line above

        facts, credentials = self.facts, self.credentials()
        return Worker(
            Identity(
                party=facts.worker_party,
                key=read_key(self.settings.keyring / f"{facts.worker_party}.key"),
                signer=ClaimSigner(credentials.chain.read_bytes(), credentials.key.read_bytes()),
                version=version("linernotes"),
            ),
            ledger=LedgerKeys(
                origin=facts.origin,
                entry={self.keys.entry.kid: self.keys.entry.public},
                process={self.keys.process.kid: self.keys.process.public},
            ),
            artifacts=self.artifacts,
            backends={facts.mosaic_model: Mosaic()},
            folder=self.settings.workers,
            clock=self.clock,
            reach=reach,
        )

    def speaker(self, party: str) -> Speaker:
        """Return a party that speaks with its own key from this machine's keyring."""
        key = read_key(self.settings.keyring / f"{party}.key")
        return Speaker(self.application, party, key, self.clock)

    def operator(self) -> Speaker:
        """Return the operator: registrar, platform and finance officer of a new instance."""
        return self.speaker(self.facts.operator_party)

    def attest(self, command: Command, actor: str, attested: Attested, **more: Any) -> Answer:
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
        return self.application.handle(said.raw, said.openings)

    def close(self) -> None:
        """Stop what acts by itself, finish what is queued, give everything back."""
        self._stack.close()

    def __enter__(self) -> Self:
        """Return the open instance."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
