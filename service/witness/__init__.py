"""A witness that any organization can run (C2SP tlog-witness 1.0): it watches that logs only grow.

It needs no ledger and no database: a folder with its key, the verifier keys of the logs that it
watches, and one file a log. It knows nothing of rights, and works for any log of this format.
"""
