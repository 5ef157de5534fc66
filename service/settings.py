"""Where an instance lives and what it is set to: from the environment, with named defaults.

No setting ever means "in memory": an instance is a folder, and its register lies outside of it. Two
settings choose the engine: the database's address, and the broker's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from generation.artifact_cache import CACHE_BYTES_MAX
from generation.artifact_opening import REGION_DEFAULT, ArtifactSettings
from generation.broker_settings import BrokerSettings

HOME_DEFAULT: Final = "linernotes"
"""The data folder, if neither `--home` nor LINERNOTES_HOME names one."""

DEBTOR_IBAN_EXAMPLE: Final = "DE89370400440532013000"
DEBTOR_BIC_EXAMPLE: Final = "COBADEFFXXX"
"""The example account of ISO 13616: no bank pays from it. Set LINERNOTES_DEBTOR_IBAN and _BIC."""

BESIDE_DEFAULT: Final = (os.cpu_count() or 1) > 1
"""Whether signatures are verified in a process of its own, unless a setting says: where there is
another processor for it.
"""

POSTGRES: Final = ("postgresql://", "postgres://")
HTTP: Final = ("http://", "https://")
"""How the addresses begin that a database and a register service may have."""


class SettingError(ValueError):
    """A setting says nothing that can be used; the sentence names it."""

    code: Final = "setting_invalid"


@dataclass(frozen=True, slots=True)
class Settings:
    """The places of one instance.

    `database_url` is the PostgreSQL database of the log; without one it is a file in the folder.
    `register` is the file of witness number 0: outside the data folder, and never restored from a
    backup with it (evidence); `register_url` a register service in its place, for several hosts.
    `artifacts_place` is another folder, or `s3://bucket/prefix`, of which `cache_bytes_max` are
    kept on this machine. The three `claim_*` paths replace the local certificate authority by
    production certificates. `debtor_*` is the account that royalties are paid from. `witnesses` is
    a C2SP tlog-policy: the witnesses that a new log begins with; others later are said to the log
    (`ReplaceWitnessPolicy`). `verifies_beside`: a process that serves has another verify the
    signatures of statements while it decides them.
    """

    home: Path
    register: Path
    claim_anchors: Path | None = None
    claim_chain: Path | None = None
    claim_key: Path | None = None
    debtor_iban: str = DEBTOR_IBAN_EXAMPLE
    debtor_bic: str = DEBTOR_BIC_EXAMPLE
    witnesses: Path | None = None
    database_url: str | None = None
    register_url: str | None = None
    artifacts_place: str | None = None
    s3_endpoint: str | None = None
    s3_region: str = REGION_DEFAULT
    s3_key_id: str | None = None
    s3_secret_file: Path | None = None
    cache_bytes_max: int = CACHE_BYTES_MAX
    broker: BrokerSettings | None = None
    verifies_beside: bool = BESIDE_DEFAULT

    @classmethod
    def of(cls, home: Path | None = None, env: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; what is given beats LINERNOTES_HOME beats the default."""
        chosen = (home or Path(env.get("LINERNOTES_HOME", HOME_DEFAULT))).absolute()
        register = env.get("LINERNOTES_REGISTER", "")
        is_service = register.startswith(HTTP)
        is_file = bool(register) and not is_service
        return cls(
            home=chosen,
            register=Path(register) if is_file else chosen.with_name(f"{chosen.name}.register"),
            claim_anchors=_path(env, "LINERNOTES_CLAIM_ANCHORS"),
            claim_chain=_path(env, "LINERNOTES_CLAIM_CHAIN"),
            claim_key=_path(env, "LINERNOTES_CLAIM_KEY"),
            debtor_iban=env.get("LINERNOTES_DEBTOR_IBAN", DEBTOR_IBAN_EXAMPLE),
            debtor_bic=env.get("LINERNOTES_DEBTOR_BIC", DEBTOR_BIC_EXAMPLE),
            witnesses=_path(env, "LINERNOTES_WITNESSES"),
            database_url=_database(env),
            register_url=register if is_service else None,
            artifacts_place=env.get("LINERNOTES_ARTIFACTS") or None,
            s3_endpoint=env.get("LINERNOTES_S3_ENDPOINT") or None,
            s3_region=env.get("LINERNOTES_S3_REGION") or REGION_DEFAULT,
            s3_key_id=env.get("LINERNOTES_S3_KEY_ID") or None,
            s3_secret_file=_path(env, "LINERNOTES_S3_SECRET_FILE"),
            cache_bytes_max=_mebibytes(env, "LINERNOTES_CACHE_MIB", CACHE_BYTES_MAX),
            broker=BrokerSettings.of(env),
            verifies_beside=_answer(env, "LINERNOTES_VERIFIES_BESIDE", BESIDE_DEFAULT),
        )

    @property
    def database(self) -> Path:
        """The ledger's file, where no server has its log."""
        return self.home / "ledger.sqlite"

    @property
    def log_database(self) -> Path | str:
        """Where the log lies: the address of a server's database, or the ledger's file."""
        return self.database_url or self.database

    @property
    def register_place(self) -> Path | str:
        """Where the register lies: the address of a service, or a file."""
        return self.register_url or self.register

    @property
    def keys(self) -> Path:
        """The instance's own keys."""
        return self.home / "keys"

    @property
    def ledger_keys(self) -> Path:
        """The ledger's public keys, for its workers."""
        return self.home / "ledger-keys.json"

    @property
    def master_key(self) -> Path:
        """The key that wraps the keys of the openings."""
        return self.keys / "openings.key"

    @property
    def keyring(self) -> Path:
        """The keys of parties that the command line keeps on this machine."""
        return self.home / "keyring"

    @property
    def authority(self) -> Path:
        """The local certificate authority for claims."""
        return self.home / "authority"

    @property
    def artifacts(self) -> Path:
        """Audio by content hash, unless a setting names another place."""
        return self.home / "artifacts"

    @property
    def artifact_settings(self) -> ArtifactSettings:
        """Where audio lies, and how it is reached."""
        return ArtifactSettings(
            place=self.artifacts_place or self.artifacts,
            cache=self.home / "cache",
            cache_bytes_max=self.cache_bytes_max,
            endpoint=self.s3_endpoint,
            region=self.s3_region,
            key_id=self.s3_key_id,
            secret_file=self.s3_secret_file,
        )

    @property
    def workers(self) -> Path:
        """Working folders of generation workers."""
        return self.home / "workers"

    @property
    def payouts(self) -> Path:
        """Payment files out, outcomes in."""
        return self.home / "payouts"

    @property
    def tokens(self) -> Path:
        """Hashed tokens, with the party and roles that each is bound to."""
        return self.home / "tokens.json"

    @property
    def policy(self) -> Path:
        """By which keys and witnesses readers accept the log: a C2SP tlog-policy, to hand out."""
        return self.home / "policy.txt"

    @property
    def instance(self) -> Path:
        """What this instance is: origin, parties, keys. Public facts, for people and processes."""
        return self.home / "instance.json"


def _path(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    return Path(value) if value else None


def _mebibytes(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name)
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and int(value) > 0):
        raise SettingError(f"{name} is a whole number of mebibytes, at least 1")
    return int(value) << 20


def _answer(env: Mapping[str, str], name: str, default: bool) -> bool:  # noqa: FBT001 - a value
    value = env.get(name)
    if value and value not in {"yes", "no"}:
        raise SettingError(f"{name} is yes or no")
    return value == "yes" if value else default


def _database(env: Mapping[str, str]) -> str | None:
    """Return the database's address; a word that is none must not end in a file of its own."""
    value = env.get("LEDGER_DATABASE_URL")
    if value and not value.startswith(POSTGRES):
        text = "LEDGER_DATABASE_URL is the address of a PostgreSQL database"
        raise SettingError(f"{text}, postgresql://…; without it the log is a file in the folder")
    return value or None
