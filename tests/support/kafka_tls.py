"""How a broker of a test is secured: TLS, and a password by SCRAM or a certificate."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from generation.broker_settings import BrokerSettings

USER: Final = "linernotes"
PASSWORD: Final = "of-this-test-alone"
SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"


@dataclass(frozen=True)
class Secured:
    """A folder with an authority, the broker's certificate, and the password's file."""

    folder: Path
    mechanism: str = "SCRAM-SHA-512"

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        authority = make_authority("Authority of this test")
        (self.folder / "ca.pem").write_bytes(_pem(authority.certificate))
        key, certificate = issue(authority)
        (self.folder / "broker.pem").write_bytes(_key_pem(key) + _pem(certificate))
        write_shown(self.folder, authority)
        (self.folder / "password").write_text(PASSWORD + "\n")

    @property
    def listener(self) -> str:
        """What the broker speaks."""
        return "SASL_SSL"

    def properties(self) -> list[str]:
        """Return the broker's settings."""
        jaas = f"listener.name.sasl_ssl.scram-sha-{{}}.sasl.jaas.config={SCRAM}"
        return [
            *self._tls(),
            "sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512",
            "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-256",
            f'{jaas.format("256")} required username="admin" password="{PASSWORD}";',
            f"{jaas.format('512')} required;",
        ]

    def _tls(self) -> list[str]:
        return [
            f"listener.security.protocol.map={self.listener}:{self.listener},CONTROLLER:PLAINTEXT",
            f"inter.broker.listener.name={self.listener}",
            "ssl.keystore.type=PEM",
            f"ssl.keystore.location={self.folder / 'broker.pem'}",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={self.folder / 'ca.pem'}",
        ]

    def users(self) -> list[str]:
        """Return the users that the broker is formatted with."""
        rows = [("SCRAM-SHA-256", "admin"), ("SCRAM-SHA-256", USER), ("SCRAM-SHA-512", USER)]
        found = []
        for mechanism, name in rows:
            found += ["--add-scram", f"{mechanism}=[name={name},password={PASSWORD}]"]
        return found

    def settings(self, bootstrap: tuple[str, ...], prefix: str) -> BrokerSettings:
        """Return how to speak with the broker."""
        return BrokerSettings(
            bootstrap,
            ca_file=self.folder / "ca.pem",
            mechanism=self.mechanism,
            user=USER,
            password_file=self.folder / "password",
            prefix=prefix,
            job_partitions=2,
        )


class SecuredByCertificate(Secured):
    """The broker asks for a certificate instead of a password."""

    @property
    def listener(self) -> str:
        """What the broker speaks."""
        return "SSL"

    def properties(self) -> list[str]:
        """Return the broker's settings."""
        return [*self._tls(), "ssl.client.auth=required"]

    def users(self) -> list[str]:
        """Return nobody: who shows a certificate of the authority is known by that."""
        return []

    def settings(self, bootstrap: tuple[str, ...], prefix: str) -> BrokerSettings:
        """Return how to speak with the broker."""
        return BrokerSettings(
            bootstrap,
            ca_file=self.folder / "ca.pem",
            certificate_file=self.folder / "shown.pem",
            key_file=self.folder / "shown.key",
            prefix=prefix,
            job_partitions=2,
        )


@dataclass(frozen=True)
class Authority:
    """A certificate that signs others, and its key."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def make_authority(name: str) -> Authority:
    """Make one that nobody else knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return Authority(key, builder.sign(key, hashes.SHA256()))


def issue(authority: Authority) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """Issue the certificate of a broker on this machine, or of who speaks with one."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    issuer = authority.certificate.subject.rfc4514_string().removeprefix("CN=")
    builder = _builder("localhost", issuer, key).add_extension(
        x509.SubjectAlternativeName(names), critical=False
    )
    return key, builder.sign(authority.key, hashes.SHA256())


def write_shown(folder: Path, authority: Authority) -> None:
    """Write a certificate that is shown to a broker, and its key: `shown.pem` and `shown.key`."""
    key, certificate = issue(authority)
    (folder / "shown.pem").write_bytes(_pem(certificate))
    (folder / "shown.key").write_bytes(_key_pem(key))


def _builder(name: str, issuer: str, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
