"""The numbers for Prometheus, counted from the rows and asked of the broker when they are fetched."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.delivery.models import DeliveryState
from mailer.digests.models import Issue, IssueState
from mailer.ops import backlog, clocks, pipeline, workers
from mailer.ops.backlog import Waiting
from mailer.queue import Queue


def exposition(numbers: Iterable[Metric]) -> bytes:
    """The numbers in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(list(numbers)))
    return generate_latest(registry)


def of_rows(session: Session, now: datetime) -> list[Metric]:
    """What the database knows."""
    return [*_owed(session, now), *_issues(session, now), *_signs(session, now)]


def of_queues(queues: Mapping[Queue, Waiting] | None, now: datetime) -> list[Metric]:
    """What the broker knows; None when it is away."""
    found = queues or {}
    jobs = {queue.value: waiting.jobs for queue, waiting in found.items()}
    ages = {queue.value: _age(waiting.oldest, now) for queue, waiting in found.items()}
    return [
        _one("postroom_broker_up", "Whether the broker answers.", queues is not None),
        _many("postroom_queue_jobs", "Jobs that no worker has taken.", "queue", jobs),
        _many("postroom_queue_oldest_seconds", "Age of the oldest job that no worker has taken.", "queue", ages),
    ]


def of_doors(verdicts: Mapping[str, int]) -> list[Metric]:
    """What became of the sign-ups: passed, sent back for a proof, or left unheard."""
    family = CounterMetricFamily(
        "postroom_signups", "Sign-ups by verdict since the broker was empty.", labels=["verdict"]
    )
    for verdict, count in verdicts.items():
        family.add_metric([verdict], count)
    return [family]


class _Collected(Collector):
    """Prometheus' registry wants somebody to collect from."""

    def __init__(self, numbers: list[Metric]) -> None:
        self._numbers = numbers

    def collect(self) -> Iterable[Metric]:
        return self._numbers


def _owed(session: Session, now: datetime) -> Iterator[Metric]:
    owed = backlog.owed(session, now)
    age = _age(owed.letters_since, now)
    failing = sum(feed.failures > 0 for feed in clocks.feeds(session, now))
    yield _one("postroom_letters_owed", "Letters to readers that are due, confirmations first of all.", owed.letters)
    yield _one("postroom_letters_oldest_seconds", "How long the oldest of them is due.", age)
    yield _one("postroom_login_links_owed", "Login mails that are due.", owed.login_links)
    yield _one("postroom_sources_due", "Sources that are due to be read.", owed.sources)
    yield _one("postroom_sources_failing", "Sources whose last read failed.", failing)


def _issues(session: Session, now: datetime) -> Iterator[Metric]:
    counted = session.execute(select(Issue.state, func.count()).group_by(Issue.state))
    issues = {state.value: 0 for state in IssueState} | dict(counted.all())
    deliveries = Counter(dict.fromkeys(DeliveryState, 0))
    for issue in pipeline.recent(session, now):
        deliveries.update({state: count.total for state, count in issue.counts.items()})
    about = f"Deliveries of the issues on the way or released in the last {pipeline.RECENT.days} days."
    by_name = {state.name.lower(): count for state, count in deliveries.items()}
    yield _many("postroom_issues", "Issues by state.", "state", issues)
    yield _many("postroom_recent_deliveries", about, "state", by_name)


def _signs(session: Session, now: datetime) -> Iterator[Metric]:
    signs = workers.signs(session, now)
    seen = [*signs.workers, *([signs.beat] if signs.beat else [])]
    ages = {sign.name: _age(sign.seen_at, now) for sign in seen}
    yield _one("postroom_workers", "Workers that are at work.", signs.alive)
    yield _many("postroom_heartbeat_age_seconds", "How long ago a part of the house was seen.", "name", ages)


def _age(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _one(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _many(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
