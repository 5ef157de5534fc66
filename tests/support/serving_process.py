"""A process that founds a ledger in a folder and serves it until it is told to stop."""

import sys
from pathlib import Path

from schemas.commands.log import Policy
from service.beginning import begin
from service.identity import Tokens
from service.instance import Instance
from service.serving import serve
from service.settings import Settings


def tell(text: str) -> None:
    """Say something to whoever started this process."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


folder = Path(sys.argv[1])
settings = Settings(home=folder / "home", register=folder / "register", verifies_beside=True)
begin(
    settings,
    origin="ledger.example/2026",
    operator_name="Operator",
    policy=Policy(),
)
with Instance(settings) as instance:
    roles = ["operator", "registrar"]
    token = Tokens(settings.tokens).issue(instance.facts.operator_party, roles, "operator")
    serve(instance, port=0, ready=lambda url: tell(f"{url} {token}"))
tell("stopped")
