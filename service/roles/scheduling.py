"""The role that does what must happen because time passed."""

from __future__ import annotations

import threading

from service.instance import Instance
from service.observing.observer import Observing
from service.roles.holding import standing_by, wait_while_alive
from service.roles.patience import patiently
from service.settings import Settings
from service.stopping import ending


def schedule(settings: Settings, stop: threading.Event, observing: Observing) -> None:
    """Act, or stand by, until told to stop. Whoever loses the role ends, and stands by anew.

    In between two may act: every act may come twice, and is answered the same.
    """
    opened = patiently(
        lambda: Instance(settings, folds=False, observing=observing), stop, observing
    )
    if opened is None:
        return
    with (
        opened as instance,
        standing_by(instance.storage, "scheduler", stop) as is_held,
        ending(stop),
    ):
        if is_held is None:
            return
        # Where there is a broker the relay asks the witnesses, since its jobs wait for them.
        instance.start_acting(witnesses=settings.broker is None)
        wait_while_alive(
            stop, {"the role": is_held, "what must happen by itself": instance.is_acting}
        )
