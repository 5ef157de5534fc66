"""What a statement costs the processors, server and database: `python -m benchmarks.append_cpu`.

The server's time is this whole process's, clients and event loop included. Signing beforehand is
not counted. The unit is one Ed25519 verification, timed in the same way in the same rounds.
"""

import time

from benchmarks.append import LOAD, ROUNDS, Speaking, founded, rounds_for
from benchmarks.append_engines import postgres
from benchmarks.measuring import told
from schemas.envelope.keys import SigningKey, verify
from schemas.ids import new_id

CLIENTS = 64
AT_MOST = 4.5
DATABASE_US_AT_MOST = 100
VERIFICATIONS = 500
MESSAGE = b"x" * 1_100
"""As long as a statement of the load."""


def verification_us() -> float:
    """Return the processor time of one verification."""
    key = SigningKey.generate(new_id("key"))
    signature = key.sign(MESSAGE)
    began = time.thread_time()
    for _ in range(VERIFICATIONS):
        verify(key.public, signature, MESSAGE)
    return (time.thread_time() - began) / VERIFICATIONS * 1e6


def main() -> None:
    """Take both in turns, and print how many verifications a statement costs."""
    servers, databases, units = [], [], []
    with postgres() as engine, founded(engine) as (town, application):
        speaking = Speaking(town, application, CLIENTS, rounds_for(CLIENTS))
        for _ in range(ROUNDS):
            speaking.prepare()
            units.append(verification_us())
            server, database = time.process_time(), engine.server_cpu_s()
            speaking()
            servers.append((time.process_time() - server) / speaking.count * 1e6)
            databases.append((engine.server_cpu_s() - database) / speaking.count * 1e6)
    server_us, database_us, unit_us = min(servers), min(databases), min(units)
    print(
        f"a statement {server_us:.0f} us in the server, {database_us:.0f} us in the database;"
        f" a verification {unit_us:.0f} us"
    )
    told(
        "append_cpu",
        server_us / unit_us,
        "one Ed25519 verification (libsodium) in the same run",
        at_most=AT_MOST,
        clients=CLIENTS,
        server_us=round(server_us),
        database_us=round(database_us),
        database_us_at_most=DATABASE_US_AT_MOST,
        verification_us=round(unit_us, 1),
        load=LOAD,
    )


if __name__ == "__main__":
    main()
