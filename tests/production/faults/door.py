"""One process that serves a whole ledger on a server's database, and a holder who says things."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from schemas.commands.consents import GrantConsent
from schemas.ids import new_id
from schemas.terms import Consent
from tests.kit import words
from tests.kit.cluster import Cluster, cluster
from tests.kit.insisting import Acknowledged, Insisting
from tests.kit.supervising import Supervisor

API = "api"


@dataclass
class Door:
    """The process, who starts it again, and who speaks. `statuses` counts every answer."""

    cluster: Cluster
    supervisor: Supervisor
    holder: Insisting
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: list[Acknowledged] = field(default_factory=list)

    def grant(self) -> Acknowledged:
        """Say something that moves the log, until it is answered."""
        piece = self.cluster.place.pieces[0]
        said = words.consent(new_id("cns"), piece.holder, {"recordings": [piece.recording]})
        self.acknowledged.append(self.holder.say(GrantConsent(consent=Consent.read(said))))
        return self.acknowledged[-1]

    @contextmanager
    def granting(self) -> Iterator[None]:
        """Say one thing after another meanwhile; the last is answered before this ends."""
        stop, failed = threading.Event(), []

        def run() -> None:
            try:
                while not stop.is_set():
                    self.grant()
            except BaseException as error:  # noqa: BLE001 - raised below
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        if failed:
            raise failed[0]


@contextmanager
def door_to(url: str, folder: Path) -> Iterator[Door]:
    """Found a ledger in a database, serve it, and give the way in."""
    with cluster(folder / "place", database_url=url) as running:
        process = running.add_api(API)
        running.wait_ready(process)
        statuses: Counter[int] = Counter()

        def count(_what: str, ending: str, _seconds: float) -> None:
            statuses[int(ending.partition(" ")[0])] += 1

        piece = running.place.pieces[0]
        holder = Insisting(running.place, [process.url], piece.holder, ("holder",), timed=count)
        with Supervisor(running) as supervisor, closing(holder):
            yield Door(running, supervisor, holder, statuses)
