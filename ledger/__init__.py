"""The ledger: decides, signs, appends and proves."""
