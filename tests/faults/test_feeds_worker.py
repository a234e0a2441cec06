"""A document made to be slow, read by a real worker."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from mailer.articles import child
from mailer.articles.models import Source
from tests.articles.hostile import slow
from tests.articles.making import item, rss
from tests.articles.outlet import Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.conftest import SECRET
from tests.flows.processes import eventually, running
from tests.newsletters.making import make_newsletter
from tests.services.valkey import Valkey

STOPPED = f"Reading this address took longer than {child.SECONDS:.0f} seconds, so it was stopped."


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_feed_made_to_be_slow_is_stopped_and_the_worker_lives(
    session: Session, database_url: str, broker: Valkey, outlet: Outlet, tmp_path: Path
) -> None:
    broker.forget()
    newsletter, now = make_newsletter(session), datetime.now(UTC)
    feeds = [outlet.feed("/slow", slow()), outlet.feed("/good", rss(item(1))), outlet.feed("/too", rss(item(2)))]
    sources = [Source(newsletter=newsletter, url=url, created_at=now, next_poll_at=now) for url in feeds]
    session.add_all(sources)
    session.commit()
    settings = {"DATABASE_URL": database_url, "REDIS_URL": broker.url, "SECRET_KEY": SECRET}
    settings |= {"DATA_DIR": str(tmp_path), "WORKER_PROCESSES": "2", "SEND_LANES": "1"}

    def looked(source: Source) -> Source:
        session.rollback()
        session.refresh(source)
        return source

    ill, *good = sources
    with running(settings, tmp_path, "worker", "beat") as processes:
        eventually(lambda: all(looked(source).succeeded_at for source in good), 40, "the good ones are read")
        eventually(lambda: looked(ill).error, 60, "the slow one is stopped")
        assert ill.error == STOPPED
        assert ill.polled_at is not None
        assert ill.next_poll_at - ill.polled_at >= timedelta(minutes=10)
        assert processes["worker"].process is not None
        assert processes["worker"].process.poll() is None
        assert "WorkerLost" not in (tmp_path / "worker.log").read_text()
