"""Everybody about one song, against everybody about their own: `python -m benchmarks.append_hot`.

In each round another song is the hot one: every grant and every revocation moves the one scope that
all others have read, so nearly all is decided again inside its batch.
"""

from benchmarks.append import LOAD, ROUNDS, Speaking, founded
from benchmarks.append_engines import postgres
from benchmarks.measuring import in_turns, sized, told

CLIENTS = sized(64, tiny=4)
AT_LEAST = 0.9


def main() -> None:
    """Measure both in turns, and print the ratio."""
    with postgres() as engine, founded(engine) as (town, application):
        spread = Speaking(town, application, CLIENTS, 1)
        hot = Speaking(town, application, CLIENTS, 1, hot=iter(town.songs))

        def prepare() -> None:
            spread.prepare()
            hot.prepare()

        spread_s, hot_s = in_turns(spread, hot, rounds=2 * ROUNDS, before=prepare)
    print(f"{spread.count / spread_s:.0f} statements a second spread, {hot.count / hot_s:.0f} hot")
    told(
        "append_hot",
        spread_s / hot_s,
        "the same load spread over a hundred songs, on PostgreSQL, same run",
        at_least=AT_LEAST,
        clients=CLIENTS,
        hot_per_s=round(hot.count / hot_s),
        spread_per_s=round(spread.count / spread_s),
        load=LOAD,
    )


if __name__ == "__main__":
    main()
