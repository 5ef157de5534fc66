"""How the broker is named and what it is shown: read strictly, or refused in a sentence."""

from pathlib import Path

import pytest

from generation.broker_settings import BrokerSettingError, BrokerSettings

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
    file = tmp_path / "password"
    file.write_text("of-this-test\n")
    files = {"LEDGER_BROKER_PASSWORD_FILE": str(file), "LEDGER_BROKER_CA_FILE": _ca(tmp_path)}
    found = BrokerSettings.of(SECURED | files)
    assert found is not None
    assert found.bootstrap == ("one:9092", "two:9093")
    assert found.security() == {
        "security_protocol": "SASL_SSL",
        "ssl_cafile": _ca(tmp_path),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "linernotes",
        "sasl_plain_password": "of-this-test",
    }
    assert "of-this-test" not in repr(found)


def _ca(folder: Path) -> str:
    file = folder / "ca.pem"
    file.touch()
    return str(file)


def test_with_tls_alone(tmp_path: Path) -> None:
    env = {"LEDGER_BROKER_URL": "kafka://one:9092", "LEDGER_BROKER_CA_FILE": _ca(tmp_path)}
    found = BrokerSettings.of(env)
    assert found is not None
    assert found.security() == {"security_protocol": "SSL", "ssl_cafile": _ca(tmp_path)}


def test_an_authority_that_is_not_there_is_no_broker_that_is_away() -> None:
    found = BrokerSettings.of(SECURED)
    assert found is not None
    with pytest.raises(BrokerSettingError, match=r"LEDGER_BROKER_CA_FILE: .*ca\.pem"):
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
