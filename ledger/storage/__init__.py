"""Storage of the log: one lock, one group-commit writer, one visible head.

    opening     the whole of an open log: lock, store, register, writer
    contract    what a store, its readers and its register must offer
    records     what goes in and comes out
    writer      the queue and the thread; batch: what becomes of each command; answers: their proofs
    startup     proving at each start that the log continues what was shown
    register    witness number 0, a file elsewhere; lock: one writing process per file
    recorder    the log for the `eventsourcing` library
    vault       openings at rest; sqlite: the store over one SQLite file
    killpoints  where tests let the process die

Commands are decided above this package: it never looks into a statement or an entry.
"""
