"""What a statement costs the processors, server and database: `python -m benchmarks.append_cpu`.

The server's time is this whole process's, clients and event loop included, and that of the process
that verifies for it. Signing beforehand is not counted. The unit is one Ed25519 verification, timed
in the same way in the same rounds.
"""

import time

from benchmarks.append import LOAD, ROUNDS, Speaking, founded, rounds_for
from benchmarks.append_engines import Engine, postgres, verifier_cpu_s
from benchmarks.measuring import sized, told
from schemas.envelope.keys import SigningKey, verify
from schemas.ids import new_id

CLIENTS = sized(64, tiny=4)
AT_MOST = 4.5
DATABASE_US_AT_MOST = 100
VERIFICATIONS = sized(500, tiny=10)
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


def taken(speaking: Speaking, engine: Engine) -> tuple[float, float, float]:
    """Let all speak, and return what it took: of this process, the one beside, the server, in s.

    To ask for the others' time is work of this process, so its own is read inside of that.
    """
    beside, database = -verifier_cpu_s(), -engine.server_cpu_s()
    began = time.process_time()
    speaking()
    own = time.process_time() - began
    return own, beside + verifier_cpu_s(), database + engine.server_cpu_s()


def main() -> None:
    """Take both in turns, and print how many verifications a statement costs."""
    servers, verifiers, databases, units = [], [], [], []
    with postgres() as engine, founded(engine) as (town, application):
        speaking = Speaking(town, application, CLIENTS, rounds_for(CLIENTS))
        for _ in range(ROUNDS):
            speaking.prepare()
            units.append(verification_us())
            own, beside, database = (
                each / speaking.count * 1e6 for each in taken(speaking, engine)
            )
            servers.append(own + beside)
            verifiers.append(beside)
            databases.append(database)
    server_us, database_us, unit_us = min(servers), min(databases), min(units)
    print(
        f"a statement {server_us:.0f} us in the server, of it {min(verifiers):.0f} us beside,"
        f" {database_us:.0f} us in the database; a verification {unit_us:.0f} us"
    )
    told(
        "append_cpu",
        server_us / unit_us,
        "one Ed25519 verification (libsodium) in the same run",
        at_most=AT_MOST,
        clients=CLIENTS,
        server_us=round(server_us),
        verifier_us=round(min(verifiers)),
        database_us=round(database_us),
        database_us_at_most=DATABASE_US_AT_MOST,
        verification_us=round(unit_us, 1),
        load=LOAD,
    )


if __name__ == "__main__":
    main()
