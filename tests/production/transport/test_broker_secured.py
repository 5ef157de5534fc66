"""A broker that asks for TLS and a password, and one that asks for a certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from generation.broker import Broker
from generation.broker_settings import BrokerSettings
from generation.delivery import BrokerAwayError
from tests.production.transport.test_broker import made, sent, take, things
from tests.support.kafka_broker import KafkaBroker
from tests.support.kafka_tls import Secured, SecuredByCertificate, make_authority, write_shown


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    folder = tmp_path_factory.mktemp("secured")
    broker = KafkaBroker(folder / "kafka", Secured(folder / "tls"))
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def by_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    folder = tmp_path_factory.mktemp("by_certificate")
    broker = KafkaBroker(folder / "kafka", SecuredByCertificate(folder / "tls"))
    yield broker
    broker.stop()


def check_spoken(settings: BrokerSettings) -> None:
    """A message goes there and comes back."""
    settings.check()
    broker, topic = made(settings), things(settings)
    sent(broker, topic, [b"secret"])
    with broker.member("group", topic) as member:
        assert take(member).value == b"secret"


def check_refused(*bad: BrokerSettings) -> None:
    """Nobody speaks with the broker like this."""
    with pytest.MonkeyPatch.context() as hasty:
        hasty.setattr("generation.broker.CONNECT_S", 2.0)
        for one in bad:
            with pytest.raises(BrokerAwayError):
                Broker(one).create({}, replication=1)


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256"])
def test_with_tls_and_a_password(mechanism: str, secured: KafkaBroker) -> None:
    check_spoken(replace(secured.settings, mechanism=mechanism))


def test_without_its_password_or_its_authority_nobody_speaks_with_it(
    secured: KafkaBroker, tmp_path: Path
) -> None:
    settings = secured.settings
    wrong = tmp_path / "password"
    wrong.write_text("a guess")
    other = tmp_path / "other.pem"
    authority = make_authority("Somebody else")
    other.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    plain = BrokerSettings(settings.bootstrap)
    check_refused(replace(settings, password_file=wrong), replace(settings, ca_file=other), plain)
    assert Broker(settings).create({}, replication=1) == ()


def test_with_a_certificate_of_our_own(by_certificate: KafkaBroker) -> None:
    check_spoken(by_certificate.settings)


def test_without_a_certificate_of_its_authority_nobody_speaks_with_it(
    by_certificate: KafkaBroker, tmp_path: Path
) -> None:
    settings = by_certificate.settings
    write_shown(tmp_path, make_authority("Somebody else"))
    foreign = replace(
        settings, certificate_file=tmp_path / "shown.pem", key_file=tmp_path / "shown.key"
    )
    check_refused(foreign, replace(settings, certificate_file=None, key_file=None))
    assert Broker(settings).create({}, replication=1) == ()
