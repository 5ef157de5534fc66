"""The command line, with so little memory for an audit that nearly all it needs waits in a file."""

import sys
from functools import partial
from typing import Any

import ledger.audit.run
from ledger.audit.replay import World
from service.cli.program import main

AUDIT: Any = ledger.audit.run
AUDIT.World = partial(World, scopes=3, events=3)  # for this process
main(sys.argv[1:])
