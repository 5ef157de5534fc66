"""Signed envelopes: statements (an actor's command) and entries (the ledger's events) as COSE."""
