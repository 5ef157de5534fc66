"""A second host that can vanish: a network of its own beside the server's, and a line between both.

Network namespaces under a user namespace, as containers use them: nothing of this machine's own
network is touched, and nobody must be root. The server is asked by us through its socket, which is
a file; by the far host through the line, until that is cut.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from tests.support.postgres_server import PostgresServer

HERE: Final = "10.99.0.1"
THERE: Final = "10.99.0.2"


class FarHost:
    """A host that asks a PostgreSQL server over a line that can be cut."""

    def __init__(self) -> None:
        self._holders = [_held(["unshare", "--user", "--map-root-user", "--net"])]
        self._holders.append(_held([*self._in(0), "unshare", "--net"]))
        far = str(self._holders[1].pid)
        self._do(0, f"ip link add line type veth peer name line netns {far}")
        for host, address in enumerate((HERE, THERE)):
            self._do(host, f"ip addr add {address}/24 dev line && ip link set line up")
        self.server = _Server(self._in(0))
        self.url = f"postgresql://app@{HERE}:5432/postgres"

    def run(self, *command: str) -> subprocess.Popen[str]:
        """Run something there; its words can be read from its output."""
        return subprocess.Popen(  # noqa: S603 - ours
            [*self._in(1), "setpriv", "--pdeathsig", "KILL", *command],
            stdout=subprocess.PIPE,
            text=True,
        )

    def vanish(self) -> None:
        """Cut the line: what either of both says is lost, and neither is told."""
        for host, other in enumerate((THERE, HERE)):
            self._do(host, f"ip neigh replace {other} lladdr 02:00:00:00:00:00 dev line")

    def close(self) -> None:
        """End everything."""
        self.server.close()
        for holder in reversed(self._holders):
            holder.kill()
            holder.wait()

    def _in(self, host: int) -> list[str]:
        target = str(self._holders[host].pid)
        return ["nsenter", "--target", target, "--user", "--net", "--preserve-credentials"]

    def _do(self, host: int, words: str) -> None:
        subprocess.run([*self._in(host), "sh", "-c", words], check=True)  # noqa: S603 - likewise


class _Server(PostgresServer):
    """A server that listens to the line as well."""

    def __init__(self, inside: list[str]) -> None:
        self._inside = inside
        super().__init__(options=[f"listen_addresses={HERE}"])

    def _initdb(self, *words: str) -> None:
        super()._initdb(*words)
        with Path(self.root / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 10.99.0.0/24 trust\n")
        space = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]
        self._prefix = [*self._inside, *space]


def _held(space: list[str]) -> subprocess.Popen[bytes]:
    """Hold a namespace open by a process that sleeps in it."""
    words = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "sh",
        "-c",
        "ip link set lo up && echo && exec sleep inf",
    ]
    holder = subprocess.Popen([*space, *words], stdout=subprocess.PIPE)  # noqa: S603 - likewise
    assert holder.stdout is not None
    with holder.stdout as told:
        assert told.readline() == b"\n", "no network of one's own here"
    return holder
