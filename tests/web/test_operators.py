import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.config import Settings
from mailer.delivery.models import Delivery, DeliveryState
from mailer.digests.models import Issue
from mailer.embedded.ports import free as free_port
from mailer.links import Links
from mailer.ops import heartbeat, workers
from mailer.queue import Job, enqueue
from mailer.staff.models import AuditEvent, Role
from tests.articles.making import make_source
from tests.ops.making import deliver, make_issue
from tests.services.valkey import Valkey
from tests.web.staffroom import log_in, press

NOBODY_LISTENS = "redis://127.0.0.1:{}/0"


@pytest.fixture(autouse=True)
def _empty_queues(broker: Valkey) -> None:
    """The broker is shared by all tests, and some leave jobs behind."""
    Redis.from_url(broker.url).flushall()


@pytest.fixture
def operator(client: FlaskClient, session: Session, links: Links) -> FlaskClient:
    log_in(client, session, links, Role.OPERATOR)
    return client


@pytest.fixture
def at_work(session: Session) -> datetime:
    """A worker and the clock were seen just now."""
    now = datetime.now(UTC)
    heartbeat.beat(session, workers.BEAT, now)
    heartbeat.beat(session, workers.WORKER + "one", now)
    session.commit()
    return now


@pytest.fixture
def issue(session: Session) -> Issue:
    """On the way since a minute: six accepted, three refused, one to go."""
    now = datetime.now(UTC)
    issue = make_issue(session, released_at=now - timedelta(minutes=1), fanned_out_at=now - timedelta(minutes=1))
    deliver(session, issue, 6, DeliveryState.ACCEPTED, "250 Ok", settled_at=now)
    deliver(session, issue, 3, DeliveryState.REFUSED, "550 5.1.1 <reader{}@mail.example>: User unknown", settled_at=now)
    deliver(session, issue, 1, DeliveryState.QUEUED)
    return issue


def test_only_operators_see_the_board(client: FlaskClient, session: Session, links: Links) -> None:
    assert "/desk/login" in client.get("/ops/").headers["Location"]
    log_in(client, session, links, Role.EDITOR)
    assert client.get("/ops/").status_code == 403
    assert client.get("/ops/board").status_code == 403
    assert press(client, "/desk/", "/ops/retry", cause="1:550").status_code == 403


def test_an_administrator_sees_the_board(client: FlaskClient, session: Session, links: Links) -> None:
    log_in(client, session, links, Role.ADMINISTRATOR)
    assert client.get("/ops/").status_code == 200


def test_a_quiet_house_says_that_there_is_nothing_to_do(operator: FlaskClient, at_work: datetime) -> None:
    page = operator.get("/ops/").text
    assert "All quiet." in page
    assert all(queue in page for queue in ("confirm", "send", "feeds", "upkeep"))


def test_the_board_says_first_what_is_wrong(operator: FlaskClient) -> None:
    page = operator.get("/ops/").text
    assert "No worker has been seen" in page
    assert page.index("No worker has been seen") < page.index("Oldest job waits")


def test_the_board_says_which_sources_are_held_or_silent(
    operator: FlaskClient, session: Session, at_work: datetime
) -> None:
    held, silent = (make_source(session, f"https://{name}.example/feed", slug=name) for name in ("held", "silent"))
    held.held_at, held.held_count = at_work, 412
    silent.succeeded_at, silent.newest_at, silent.habit_minutes = at_work, at_work - timedelta(hours=9), 40
    session.commit()
    page = operator.get("/ops/").text
    assert "“https://held.example/feed” is held" in page
    assert page.count("412 items look new at once: held for a look.") == 2
    assert page.count("Nothing new for 9 hours; usually something every 40 minutes.") == 2


def test_the_board_shows_how_far_an_issue_is_and_what_failed(operator: FlaskClient, issue: Issue) -> None:
    page = operator.get("/ops/").text
    assert "90% of 10" in page
    assert "550 5.1.1 … User unknown" in page
    assert "reader7@mail.example" not in page


def test_the_board_knows_how_long_the_oldest_job_waits(operator: FlaskClient, broker: Valkey) -> None:
    assert enqueue(Job.SEND_LETTER, 1)
    page = operator.get("/ops/").text
    assert "Moving" in page
    assert " s</td>" in page


def test_the_moving_part_is_not_sent_again_while_nothing_moved(operator: FlaskClient, at_work: datetime) -> None:
    first = operator.get("/ops/board")
    assert "csrf_token" not in first.text
    again = operator.get("/ops/board", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_trying_again_queues_that_group_and_is_written_down(
    operator: FlaskClient, session: Session, issue: Issue
) -> None:
    cause = f"{issue.id}:550 5.1.1 "
    answer = press(operator, "/ops/", "/ops/retry", cause=cause)
    assert answer.status_code == 303
    assert "3 readers tried again." in operator.get("/ops/").text
    assert _count(session, issue, DeliveryState.QUEUED) == 4
    assert _count(session, issue, DeliveryState.ACCEPTED) == 6
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "deliveries.retried")).one()
    assert (event.subject, event.actor) == (f"issue {issue.id}", "lea@ledger.example")
    session.rollback()
    assert press(operator, "/ops/", "/ops/retry", cause=cause).status_code == 303
    assert "Nothing to try again." in operator.get("/ops/").text


def test_trying_again_needs_the_token_of_the_page(operator: FlaskClient, session: Session, issue: Issue) -> None:
    assert operator.post("/ops/retry", data={"cause": f"{issue.id}:550"}).status_code == 400
    assert _count(session, issue, DeliveryState.REFUSED) == 3


def test_a_group_that_makes_no_sense_changes_nothing(operator: FlaskClient, session: Session, issue: Issue) -> None:
    for cause in ("", "x:550", ":550", str(issue.id)):
        assert press(operator, "/ops/", "/ops/retry", cause=cause).status_code == 400
    assert press(operator, "/ops/", "/ops/retry", cause=f"{issue.id + 1}:550").status_code == 303
    assert _count(session, issue, DeliveryState.REFUSED) == 3


def test_with_the_broker_away_the_board_shows_the_rows_in_time(
    settings: Settings, session: Session, links: Links, issue: Issue
) -> None:
    client = _without_broker(settings)
    log_in(client, session, links, Role.OPERATOR)
    started = time.monotonic()
    page = client.get("/ops/").text
    assert time.monotonic() - started < 3
    assert "The broker is away" in page
    assert "90% of 10" in page


def test_a_house_at_work_is_healthy(client: FlaskClient, at_work: datetime) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"ok": True, "database": "ok", "migrations": "ok", "beat": "ok", "broker": "ok"}


def test_a_silent_clock_is_said(client: FlaskClient, session: Session) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["database"], answer.json["beat"]) == ("ok", "The clock was never heard.")
    heartbeat.beat(session, workers.BEAT, datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    session.commit()
    assert client.get("/healthz").json["beat"] == "The clock was last heard at 2026-11-24 07:00:00 UTC."  # type: ignore[index]


def test_a_broker_that_is_away_is_said(settings: Settings, at_work: datetime) -> None:
    answer = _without_broker(settings).get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["broker"], answer.json["database"]) == ("The broker is away.", "ok")


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:{}/none", "sqlite:////nowhere/{}/at.all"])
def test_a_database_that_is_away_is_said_in_time(settings: Settings, url: str) -> None:
    client = create_app(settings.model_copy(update={"database_url": url.format(free_port())})).test_client()
    started = time.monotonic()
    answer = client.get("/healthz")
    assert time.monotonic() - started < 3
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["database"], answer.json["broker"]) == ("The database is away.", "ok")


def test_a_database_that_says_nothing_is_not_waited_for(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{silent.getsockname()[1]}/none"
        client = create_app(settings.model_copy(update={"database_url": url})).test_client()
        started = time.monotonic()
        answer = client.get("/healthz")
        assert time.monotonic() - started < 3
    assert answer.json is not None
    assert answer.json["database"] == "The database did not answer within 2 seconds."


def test_tables_that_are_not_migrated_are_said(settings: Settings) -> None:
    empty = settings.model_copy(update={"database_url": f"sqlite:///{settings.data_dir / 'empty.sqlite'}"})
    answer = create_app(empty).test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "postroom migrate" in answer.json["migrations"]


def test_the_metrics_tell_what_waits_and_what_was_sent(client: FlaskClient, issue: Issue, at_work: datetime) -> None:
    answer = client.get("/metrics")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["postroom_broker_up",] == 1
    assert found["postroom_queue_jobs", "upkeep"] >= 0
    assert found["postroom_letters_owed",] == 0
    assert found["postroom_issues", "sending"] == 1
    assert found["postroom_issues", "sent"] == 0
    assert found["postroom_recent_deliveries", "accepted"] == 6
    assert found["postroom_recent_deliveries", "refused"] == 3
    assert found["postroom_workers",] == 1
    assert found["postroom_heartbeat_age_seconds", "beat"] < 60


def test_the_metrics_are_for_this_machine_unless_a_token_is_set(client: FlaskClient, settings: Settings) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "::1"}).status_code == 200
    proxied = create_app(settings.model_copy(update={"trusted_proxies": 1})).test_client()
    assert proxied.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403


def test_with_a_token_the_metrics_may_be_read_from_elsewhere(settings: Settings) -> None:
    token = "a token of the tests"
    client = create_app(settings.model_copy(update={"metrics_token": SecretStr(token)})).test_client()
    there = {"REMOTE_ADDR": "192.0.2.7"}
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}, environ_base=there).status_code == 401
    assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}, environ_base=there).status_code == 200


def _without_broker(settings: Settings) -> FlaskClient:
    away = settings.model_copy(update={"redis_url": NOBODY_LISTENS.format(free_port())})
    return create_app(away).test_client()


def _count(session: Session, issue: Issue, state: DeliveryState) -> int:
    mine = select(func.count()).select_from(Delivery).where(Delivery.issue_id == issue.id)
    return session.scalar(mine.where(Delivery.state == state.value)) or 0
