"""Signed envelopes: statements (an actor's command) and entries (the ledger's events) as COSE.

Bytes are read with one of three strengths. None of them checks the signature: the key must be
looked up by what was read, and `verify` says it.

| strength | an entry | a statement |
|---|---|---|
| all | `read_entry` | `read_statement` |
| all but what `data` says | `read_entry_but_data` | `read_statement_but_data` |
| the types of the members | `read_entry_unchecked` | |

- *All*: size, COSE, canonical JSON, every member, and that header and payload agree. For whoever
  does not read `data` as an event or a command: proofs, receipts, the worker, a closed statement.
- *All but what `data` says*: refuses the same for all else, and leaves to whoever reads `data` to
  its type to refuse what is no canonical JSON there (`schemas.readers`). For decisions, the audit
  and the door of statements, which read every `data` so. It is the faster one.
- *The types of the members*: trusts whoever wrote the bytes. For tables that are folded from a
  store of our own and can be folded again, and for nothing else. `schemas.parts` reads single
  fields for them in the same way.
"""
