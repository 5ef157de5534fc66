"""How anyone can check the log without trusting whoever runs it (evidence.md of the design).

Pure: bytes in, bytes out; no clock, no network, no database. Verification raises.
"""
