"""One broker for all these tests; it is stopped and killed, and comes back."""

from tests.support.kafka_fixtures import kafka, mortal, place, template, transport

__all__ = ["kafka", "mortal", "place", "template", "transport"]
