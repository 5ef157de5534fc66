"""A copy of an instance's ledger, taken while it runs: for backups, drills, and honest cheating.

The database is copied by SQLite's own backup, which sees one snapshot. The register is copied only
when asked for: a real one is never restored together with the database (evidence).
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from service.settings import Settings


def copy_instance(settings: Settings, home: Path, *, register: bool) -> Settings:
    """Copy an instance to `home`, which must not exist; return the settings of the copy.

    Artifacts are not copied: they are content-addressed, and a copy that needs them links to them.
    """
    copy = replace(settings, home=home, register=home.with_name(f"{home.name}.register"))
    home.mkdir(parents=True, mode=0o700)
    with (
        closing(sqlite3.connect(settings.database)) as source,
        closing(sqlite3.connect(copy.database)) as target,
    ):
        source.backup(target)
    for folder in (settings.keys, settings.keyring, settings.authority):
        shutil.copytree(folder, home / folder.name)
    shutil.copyfile(settings.instance, copy.instance)
    if register:
        shutil.copyfile(settings.register, copy.register)
    return copy
