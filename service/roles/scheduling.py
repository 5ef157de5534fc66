"""The role that does what must happen because time passed."""

from __future__ import annotations

import threading
from contextlib import closing

from service.instance import Instance
from service.observing.observer import Observing
from service.roles.parts import wait_while_alive
from service.settings import Settings


def schedule(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Act, or stand by, until told to stop. Whoever loses the role ends, and stands by anew.

    In between two may act: every act may come twice, and is answered the same.
    """
    with (
        Instance(settings, folds=False, observing=observing) as instance,
        closing(instance.storage.role("scheduler")) as role,
    ):
        if not role.wait(stop.is_set):
            return
        # Where there is a broker the relay asks the witnesses, since its jobs wait for them.
        instance.start_acting(witnesses=settings.broker is None)
        wait_while_alive(
            stop, {"the role": role.is_held, "what must happen by itself": instance.is_acting}
        )
