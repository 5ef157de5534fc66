"""One broker for all these tests, under topic names of each test's own."""

from tests.support.kafka_fixtures import kafka, place, template, transport

__all__ = ["kafka", "place", "template", "transport"]
