"""The roles of the production engine: one process each, as many processes as one likes.

`run(settings, role, stop, observing)` acts until `stop` is set. It raises what ends the process: a
manager starts it anew, and what was under way is found again in the log or in the broker. What one
process at a time may do, others stand by for.
"""

from service.roles.holding import RoleEndedError
from service.roles.patience import not_yet
from service.roles.running import ROLES, run

__all__ = ["ROLES", "RoleEndedError", "not_yet", "run"]
