"""What a monitoring system reads: how requests fared in the processes, and the vital signs that the database knows.

A route is named by its template, as in the log: an address may hold what somebody typed.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from referrals.models.engine import Database, is_unavailable
from referrals.models.schema_version import is_usable
from referrals.pathway.vital_signs import Reading, Sign, vital_signs

PREFIX = "referrals_"
# Where the processes of one server put their counts together; gunicorn.conf.py names it.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
BUCKETS = (0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
ANSWERS = Sign("database_up", "1 where the database answers and has the schema of this version.", lambda *asked: ())

disable_created_metrics()  # when a count began says nothing here, and doubles what is read
_own = CollectorRegistry()
_requests = Counter(f"{PREFIX}requests", "Requests answered.", ("method", "route", "status"), registry=_own)
_seconds = Histogram(f"{PREFIX}request_seconds", "How long answers took.", ("route",), buckets=BUCKETS, registry=_own)
_failures = Counter(f"{PREFIX}failures", "Faults of our own.", ("route",), registry=_own)


def count_request(method: str, route: str, status: int, took: float) -> None:
    """`took` in seconds."""
    _requests.labels(method, route, str(status)).inc()
    _seconds.labels(route).observe(took)


def count_failure(route: str) -> None:
    _failures.labels(route).inc()


def told(database: Database, clock: Callable[[], datetime]) -> bytes:
    """In the text format of Prometheus: the counts of every process of this server, then the vital signs."""
    counts = _own
    if SHARED_FOLDER in os.environ:
        counts = CollectorRegistry()
        MultiProcessCollector(counts)
    signs = CollectorRegistry(auto_describe=False)
    signs.register(VitalSigns(database, clock))
    return generate_latest(counts) + generate_latest(signs)


class VitalSigns(Collector):
    """Read from the database at each scrape; without one that answers, that alone is told."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock

    def describe(self) -> Sequence[GaugeMetricFamily]:
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = self._found()
        yield _gauge(ANSWERS, [Reading(float(found is not None))])
        for sign, readings in found or ():
            yield _gauge(sign, readings)

    def _found(self) -> list[tuple[Sign, list[Reading]]] | None:
        try:
            with self.database.reading() as session:
                return vital_signs(session, self.clock()) if is_usable(session) else None
        except Exception as error:
            if not is_unavailable(error):
                raise
            return None


def _gauge(sign: Sign, readings: Sequence[Reading]) -> GaugeMetricFamily:
    labels = [sign.label] if sign.label else []
    gauge = GaugeMetricFamily(PREFIX + sign.name, sign.meaning, labels=labels)
    for reading in readings:
        gauge.add_metric([reading.label] * len(labels), reading.value)
    return gauge
