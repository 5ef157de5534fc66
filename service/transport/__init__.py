"""Transport: between the processes of one ledger, Apache Kafka. Each role is a class with a `run`.

`run(stop)` returns when the event is set, waits and comes again while the broker is away, and
raises what ends the process: `Fatal`, `SigningError`, `ReaderUnavailableError`. Every role but the
relay runs as often as one likes. With `chosen = BrokerSettings.of(env)` of
`generation.broker_settings`, `broker = Broker(chosen)` and `topics = chosen.topics`:

    making.make_topics(chosen)          once, and again at any time: it makes what is missing
    relay.Relay(store, feed, broker, topics=, ledger=LedgerKeys, key=process key, proving=, hold=,
                observer=)
        `proving` is a `Witnessing` that was started in the same process; `hold` takes the role's
        lock and tells whether we have it
    finishing.FinishedConsumer(finisher, broker, topics=, name=, observer=)
    generation.consumer.GenerationConsumer(worker, broker, topics=, name=, observer=)
        knows no database; each process has a folder of its own for its worker

Not roles, but parts of other processes:

    watching.ProgressWatch(broker, topics=)     for a door: `run` in a thread; `status(generation)`
    feed.TopicFeed(store, feed, broker, topic=topics.entries)    what projections may be fed from
    dead_letters.DeadLetters(broker, topics)    what an operator lists, shows and sends again
"""
