"""Processes of the ledger that act by themselves: generation, finishing, the scheduler."""
