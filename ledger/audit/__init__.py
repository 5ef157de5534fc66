"""Auditing a log: recompute everything that it says about itself, and decide every command again.

An audit trusts the bytes of the entries, the operator's public key, and nothing else.
"""

from ledger.audit.log import AuditedEntry, AuditLog, Statements, StoreLog
from ledger.audit.pool import Processes, processes, processes_for
from ledger.audit.report import Finding, Report
from ledger.audit.run import audit

__all__ = [
    "AuditLog",
    "AuditedEntry",
    "Finding",
    "Processes",
    "Report",
    "Statements",
    "StoreLog",
    "audit",
    "processes",
    "processes_for",
]
