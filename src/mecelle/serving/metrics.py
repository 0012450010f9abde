"""Figures of operation for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one service. Labels have few values by design: routes as they are declared, never a path."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "mecelle_requests", "Requests by route and status.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "mecelle_request_seconds", "Seconds of a request.", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.answers = Counter("mecelle_answers", "Answers by outcome.", ["outcome"], registry=self.registry)
        self.withheld = Counter(
            "mecelle_withheld_sentences", "Sentences of answers that were not shown.", ["fault"], registry=self.registry
        )
        self.unfinished = Gauge("mecelle_searches_unfinished", "Searches that run or wait.", registry=self.registry)
        self.passages = Gauge("mecelle_index_passages", "Passages of the index.", registry=self.registry)
        self.generation = Gauge("mecelle_index_generation", "Generation of the index.", registry=self.registry)

    def render(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry)
