"""How the broker is named and what it is shown: read strictly, or refused in a sentence."""

import ssl
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from generation.broker_settings import BrokerSettingError, BrokerSettings
from tests.support.kafka_tls import PASSWORD, Secured

SECURED = {
    "LEDGER_BROKER_URL": "kafka://one:9092,two:9093",
    "LEDGER_BROKER_CA_FILE": "ca.pem",
    "LEDGER_BROKER_USER": "linernotes",
    "LEDGER_BROKER_PASSWORD_FILE": "password",
}


def test_no_address_is_no_broker() -> None:
    assert BrokerSettings.of({}) is None
    assert BrokerSettings.of({"LEDGER_BROKER_URL": ""}) is None


def test_an_address_is_enough() -> None:
    found = BrokerSettings.of({"LEDGER_BROKER_URL": "kafka://127.0.0.1:9092"})
    assert found == BrokerSettings(("127.0.0.1:9092",))
    assert found.security() == {}
    assert found.topics.entries == "linernotes.entries"


def test_with_tls_and_a_password_out_of_a_file(tmp_path: Path) -> None:
    files = {
        "LEDGER_BROKER_CA_FILE": _ca(tmp_path),
        "LEDGER_BROKER_PASSWORD_FILE": str(tmp_path / "password"),
    }
    found = BrokerSettings.of(SECURED | files)
    assert found is not None
    assert found.bootstrap == ("one:9092", "two:9093")
    security = found.security()
    assert _asks_for_names(security.pop("ssl_context"))
    assert security == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "linernotes",
        "sasl_plain_password": PASSWORD,
    }
    assert PASSWORD not in repr(found)


def _ca(folder: Path) -> str:
    Secured(folder)
    return str(folder / "ca.pem")


def _asks_for_names(context: ssl.SSLContext) -> bool:
    """Tell whether who answers must show a certificate that names it."""
    return context.check_hostname and context.verify_mode is ssl.CERT_REQUIRED


def test_with_tls_alone(tmp_path: Path) -> None:
    env = {"LEDGER_BROKER_URL": "kafka://one:9092", "LEDGER_BROKER_CA_FILE": _ca(tmp_path)}
    found = BrokerSettings.of(env)
    assert found is not None
    security = found.security()
    assert _asks_for_names(security.pop("ssl_context"))
    assert security == {"security_protocol": "SSL"}


def test_with_a_certificate_of_our_own(tmp_path: Path) -> None:
    found = BrokerSettings.of(_shown(tmp_path))
    assert found is not None
    assert found.security().keys() == {"security_protocol", "ssl_context"}


def _shown(folder: Path) -> dict[str, str]:
    return {
        "LEDGER_BROKER_URL": "kafka://one:9092",
        "LEDGER_BROKER_CA_FILE": _ca(folder),
        "LEDGER_BROKER_CERTIFICATE_FILE": str(folder / "shown.pem"),
        "LEDGER_BROKER_KEY_FILE": str(folder / "shown.key"),
    }


@pytest.mark.parametrize("content", [None, b"", b"a word"])
@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("ca.pem", "LEDGER_BROKER_CA_FILE"),
        ("shown.pem", "LEDGER_BROKER_CERTIFICATE_FILE"),
        ("shown.key", "LEDGER_BROKER_KEY_FILE"),
    ],
)
def test_a_file_that_cannot_be_used_is_no_broker_that_is_away(
    file: str, named: str, content: bytes | None, tmp_path: Path
) -> None:
    found = BrokerSettings.of(_shown(tmp_path))
    assert found is not None
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(BrokerSettingError, match=named) as refused:
        found.security()
    assert str(tmp_path / file) in str(refused.value)


def test_a_key_that_is_another_ones(tmp_path: Path) -> None:
    found = BrokerSettings.of(_shown(tmp_path))
    assert found is not None
    _ca(tmp_path / "other")
    (tmp_path / "other" / "shown.key").replace(tmp_path / "shown.key")
    with pytest.raises(BrokerSettingError, match="LEDGER_BROKER_KEY_FILE"):
        found.security()


def test_a_key_that_is_locked_is_refused_and_nobody_is_asked(tmp_path: Path) -> None:
    found = BrokerSettings.of(_shown(tmp_path))
    assert found is not None
    file = tmp_path / "shown.key"
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"of-this-test"),
        )
    )
    with pytest.raises(BrokerSettingError, match="must not be locked"):
        found.security()


def test_a_password_that_is_not_there(tmp_path: Path) -> None:
    found = BrokerSettings.of(SECURED | {"LEDGER_BROKER_CA_FILE": _ca(tmp_path)})
    assert found is not None
    with pytest.raises(BrokerSettingError, match="LEDGER_BROKER_PASSWORD_FILE: password"):
        found.security()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"LEDGER_BROKER_URL": "amqp://one:5672"}, "LEDGER_BROKER_URL"),
        ({"LEDGER_BROKER_URL": "kafka://one"}, "LEDGER_BROKER_URL"),
        ({"LEDGER_BROKER_URL": "kafka://one:9092,"}, "LEDGER_BROKER_URL"),
        ({"LEDGER_BROKER_MECHANISM": "GSSAPI"}, "LEDGER_BROKER_MECHANISM"),
        ({"LEDGER_BROKER_PASSWORD_FILE": ""}, "LEDGER_BROKER_PASSWORD_FILE"),
        ({"LEDGER_BROKER_USER": ""}, "LEDGER_BROKER_USER"),
        ({"LEDGER_BROKER_CA_FILE": ""}, "LEDGER_BROKER_CA_FILE"),
        ({"LEDGER_BROKER_CERTIFICATE_FILE": "shown.pem"}, "LEDGER_BROKER_KEY_FILE"),
        ({"LEDGER_BROKER_KEY_FILE": "shown.key"}, "LEDGER_BROKER_CERTIFICATE_FILE"),
        ({"LEDGER_BROKER_PREFIX": "two words"}, "LEDGER_BROKER_PREFIX"),
        ({"LEDGER_BROKER_JOB_PARTITIONS": "0"}, "LEDGER_BROKER_JOB_PARTITIONS"),
        ({"LEDGER_BROKER_REPLICATION": "three"}, "LEDGER_BROKER_REPLICATION"),
        ({"LEDGER_BROKER_FEEDS_PROJECTIONS": "maybe"}, "LEDGER_BROKER_FEEDS_PROJECTIONS"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_its_name(
    changes: dict[str, str], named: str
) -> None:
    with pytest.raises(BrokerSettingError, match=named):
        BrokerSettings.of(SECURED | changes)
