"""Which broker, and how to speak with it: from the environment.

A password is read from a file, so that it stands in no list of processes, and goes over TLS alone.
Files are read anew for each client that is made, so a certificate may be replaced while we run.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from schemas.topics import PREFIX_DEFAULT, Topics

SCHEME: Final = "kafka://"
"""How the address of a broker begins: `kafka://host:port`, more of them after commas."""

MECHANISMS: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")
"""How a password can be shown; the first is taken where none is named."""

JOB_PARTITIONS: Final = 24
"""Partitions of the topics that are keyed by generation: as many workers can share them."""

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.\-\[\]:]+:[0-9]{1,5}")


class BrokerSettingError(ValueError):
    """A setting of the broker cannot be followed; the sentence names it."""


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """One broker cluster, what to show it, and how this ledger's topics are named and made.

    `replication` -1 leaves the number of copies to the broker's own default. `feeds_projections`:
    those that fold the log read it from the topic of entries, and not from the database.
    """

    bootstrap: tuple[str, ...]
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    mechanism: str | None = None
    user: str | None = None
    password_file: Path | None = None
    prefix: str = PREFIX_DEFAULT
    job_partitions: int = JOB_PARTITIONS
    replication: int = -1
    feeds_projections: bool = False

    @classmethod
    def of(cls, env: Mapping[str, str] = os.environ) -> BrokerSettings | None:
        """Read the settings; None where LEDGER_BROKER_URL is not set."""
        url = env.get("LEDGER_BROKER_URL")
        if not url:
            return None
        user = env.get("LEDGER_BROKER_USER") or None
        mechanism = env.get("LEDGER_BROKER_MECHANISM") or (MECHANISMS[0] if user else None)
        found = cls(
            bootstrap=_addresses(url),
            ca_file=_path(env, "LEDGER_BROKER_CA_FILE"),
            certificate_file=_path(env, "LEDGER_BROKER_CERTIFICATE_FILE"),
            key_file=_path(env, "LEDGER_BROKER_KEY_FILE"),
            mechanism=mechanism,
            user=user,
            password_file=_path(env, "LEDGER_BROKER_PASSWORD_FILE"),
            prefix=env.get("LEDGER_BROKER_PREFIX", PREFIX_DEFAULT),
            job_partitions=_number(env, "LEDGER_BROKER_JOB_PARTITIONS", JOB_PARTITIONS),
            replication=_number(env, "LEDGER_BROKER_REPLICATION", -1),
            feeds_projections=_answer(env, "LEDGER_BROKER_FEEDS_PROJECTIONS"),
        )
        found.check()
        return found

    @property
    def topics(self) -> Topics:
        """The names of this ledger's topics."""
        return Topics(self.prefix)

    def check(self) -> None:
        """Raise `BrokerSettingError` for settings that contradict each other."""
        if self.mechanism is not None and self.mechanism not in MECHANISMS:
            raise BrokerSettingError(f"LEDGER_BROKER_MECHANISM is one of {', '.join(MECHANISMS)}")
        if len({bool(self.mechanism), bool(self.user), bool(self.password_file)}) > 1:
            raise BrokerSettingError(
                "LEDGER_BROKER_USER and LEDGER_BROKER_PASSWORD_FILE are set together or not at all"
            )
        if bool(self.certificate_file) != bool(self.key_file):
            raise BrokerSettingError(
                "LEDGER_BROKER_CERTIFICATE_FILE and LEDGER_BROKER_KEY_FILE are set together or not"
                " at all"
            )
        if self.ca_file is None and (self.user or self.certificate_file):
            raise BrokerSettingError(
                "a password or a certificate is shown over TLS alone: set LEDGER_BROKER_CA_FILE"
            )
        try:
            self.topics  # noqa: B018 - it checks the prefix
        except ValueError as error:
            raise BrokerSettingError(f"LEDGER_BROKER_PREFIX: {error}") from error

    def security(self) -> dict[str, Any]:
        """Return what a client needs for TLS and for the password, by the client's own names."""
        found: dict[str, Any] = {}
        if self.ca_file is not None:
            found |= {"security_protocol": "SSL", "ssl_context": self._tls(self.ca_file)}
        if self.user is not None and self.password_file is not None:
            found |= {
                "security_protocol": "SASL_SSL",
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.user,
                "sasl_plain_password": _password(self.password_file),
            }
        return found

    def _tls(self, ca_file: Path) -> ssl.SSLContext:
        """Return what the brokers must show, and what is shown to them."""
        try:
            context = ssl.create_default_context(cafile=ca_file)
        except OSError as error:
            raise BrokerSettingError(f"LEDGER_BROKER_CA_FILE: {ca_file}: {error}") from error
        if self.certificate_file is not None:
            names = "LEDGER_BROKER_CERTIFICATE_FILE, LEDGER_BROKER_KEY_FILE"
            try:
                context.load_cert_chain(self.certificate_file, self.key_file, _refuse_to_ask)
            except OSError as error:
                files = f"{self.certificate_file}, {self.key_file}"
                raise BrokerSettingError(f"{names}: {files}: {error}") from error
        return context


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokerSettingError(f"LEDGER_BROKER_PASSWORD_FILE: {file}: {error}") from error


def _refuse_to_ask() -> str:
    """Refuse a key that is locked by a password, where OpenSSL would ask the terminal for it."""
    raise BrokerSettingError("LEDGER_BROKER_KEY_FILE: the key must not be locked by a password")


def _addresses(url: str) -> tuple[str, ...]:
    addresses = tuple(url.removeprefix(SCHEME).rstrip("/").split(","))
    if not url.startswith(SCHEME) or not all(_ADDRESS.fullmatch(one) for one in addresses):
        # Not repeated: somebody may have written a password into it.
        raise BrokerSettingError(
            f"LEDGER_BROKER_URL has the form {SCHEME}host:port[,host:port], and nothing beside"
        )
    return addresses


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name, str(default))
    if not (value == str(default) or (value.isascii() and value.isdigit() and int(value) > 0)):
        raise BrokerSettingError(f"{name} is a whole number from 1, not {value!r}")
    return int(value)


def _answer(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name) or "no"
    if value not in {"yes", "no"}:
        raise BrokerSettingError(f"{name} is yes or no, not {value!r}")
    return value == "yes"


def _path(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    return Path(value) if value else None
