"""The three-way match and the assurance report, on an honest ledger and on a tampered table."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from ledger.audit import audit
from ledger.storage.sqlite.reader import SqliteReader
from projections.matching import three_way_match
from service import assurance
from service.inprocess import InProcess
from tests.kit.earning import earn
from tests.kit.instance import Place, make
from tests.support.patience import PATIENCE_S, until


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = make(tmp_path_factory.mktemp("assurance") / "place")
    earn(place)
    return place


@pytest.fixture
def place(template: Place, tmp_path: Path) -> Place:
    return template.copy(tmp_path / "place")


def tamper(place: Place, statement: str) -> None:
    with closing(sqlite3.connect(place.settings.database)) as database, database:
        changed = database.execute(statement)
        assert changed.rowcount > 0


def test_what_was_authorized_is_what_was_read_and_what_was_paid(place: Place) -> None:
    with place.open() as instance:
        match = three_way_match(instance.readings)
        assert (match.completed, match.matched) == (1, 1)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM provenance_uses WHERE line = 1", "authorized"),
        ("DELETE FROM provenance_legs WHERE stage = 'accrued' AND line >= 2", "accrued"),
        ("UPDATE provenance_manifests SET ingredients = '[]'", "read back"),
        ("UPDATE provenance_fees SET vector_sha256 = 'x' WHERE stage = 'accrued'", "vector"),
        ("DELETE FROM provenance_manifests", "no manifest"),
        ("UPDATE provenance_manifests SET manifest_urn = 'urn:c2pa:x'", "another manifest"),
    ],
)
def test_a_set_that_differs_is_a_mismatch(place: Place, statement: str, told: str) -> None:
    tamper(place, statement)
    with place.open() as instance:
        (mismatch,) = three_way_match(instance.readings).mismatches
        assert told in mismatch.message


def test_the_report_is_a_line_json_a_page_and_metrics(place: Place) -> None:
    with place.open() as instance:
        client = httpx.Client(transport=InProcess(instance), base_url="http://ledger")
        assert client.get("/v1/assurance").status_code == 503
        report = instance.assurer.report()
        assert report.sound
        assert report.line.startswith("1 of 1 outputs match; ")
        assert report.line.endswith("0 differ")
        assert client.get("/v1/assurance").json() == report.data()
        page = client.get("/assurance")
        assert "Everything matches." in page.text
        assert "1 of 1 completed outputs match." in page.text
        metrics = client.get("/metrics")
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "linernotes_audit_differ 0" in metrics.text
        assert "linernotes_outputs_mismatched 0" in metrics.text
        assert 'linernotes_projection_lag_entries{projection="royalties"} 0' in metrics.text


def test_a_tampered_ledger_says_so(place: Place) -> None:
    tamper(place, "DELETE FROM provenance_uses WHERE line = 1")
    with place.open() as instance:
        report = instance.assurer.report()
        assert not report.sound
        assert report.data()["match"]["mismatches"]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reports follow each other at once."""
    for name in ("LOOK_EVERY_S", "EVERY_S_MIN", "EVERY_S_MAX"):
        monkeypatch.setattr(assurance, name, 0.01)
    monkeypatch.setattr(assurance, "SHARE", 0)


@pytest.mark.usefixtures("hurried")
def test_a_row_edited_in_a_log_that_stands_still_is_found(place: Place) -> None:
    with place.open() as instance:
        assurer = instance.assurer
        assurer.start()
        until(lambda: assurer.latest is not None and assurer.latest.sound)
        tamper(place, "DELETE FROM event_tags WHERE position = 20")
        until(lambda: assurer.latest is not None and not assurer.latest.sound)
        assurer.close()


@pytest.mark.usefixtures("hurried")
def test_a_process_that_ends_leaves_no_audit_at_work(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interpreter that ends while a thread is inside pydantic ends with a fault of memory."""
    begun = threading.Event()

    def again_and_again(*what: Any, **how: Any) -> None:
        while True:
            begun.set()
            audit(*what, **how)

    monkeypatch.setattr(assurance, "audit", again_and_again)
    with place.open() as instance:
        instance.start_acting(witnesses=False)
        assert begun.wait(PATIENCE_S)
    assert not instance.assurer.is_alive


def test_a_match_can_be_left_off(place: Place) -> None:
    def stop(_done: int) -> None:
        raise InterruptedError

    with place.open() as instance, pytest.raises(InterruptedError):
        three_way_match(instance.readings, progress=stop)


@pytest.mark.usefixtures("hurried")
def test_an_audit_that_fails_leaves_no_report_that_all_is_well(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place.open() as instance:
        assurer = instance.assurer
        assert assurer.report().sound
        with monkeypatch.context() as broken:
            broken.setattr(SqliteReader, "read_after", _break)
            assurer.start()
            until(lambda: assurer.latest is None)
        until(lambda: assurer.latest is not None)
        assurer.close()


def _break(_reader: object, _position: int, _limit: int) -> None:
    raise ValueError("rows that cannot be read")
