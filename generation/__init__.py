"""Generation: from a signed authorization to audio that carries its manifest.

This package knows messages and sound. It never imports the ledger: what it may render, it is told
by a signed message, and what it did, it says in another (contracts.md section 8).
"""
