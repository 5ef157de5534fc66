"""One broker for all these tests, under topic names of each test's own; some stop and kill it."""

from tests.support.kafka_fixtures import kafka, mortal, place, template, transport

__all__ = ["kafka", "mortal", "place", "template", "transport"]
