"""Payouts through a bank: what it is told, and what it answered."""
