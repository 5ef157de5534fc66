"""The states that decisions read: frozen, each folded from its scope's events by a pure `evolve`.

`ledger.rights.scopes` finds the scope of a tag.
"""
