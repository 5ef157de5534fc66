"""What people read: tables folded from the log, which can be thrown away and folded again.

Every table carries its history, so that a question about the past is a lookup and not a replay
(contracts, section 12). Nothing here decides anything: decisions read the log.
"""
