"""Two thousand hostile visits: no header of a mail, no element of a page and no row of a stranger's making."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.app import create_app
from mailer.config import Settings, load_settings
from mailer.delivery.fanout import fan_out
from mailer.digests.release import release
from mailer.emails.smtp import send_many
from mailer.links import Purpose
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import OwedLetter, Subscription, SubscriptionState
from tests.conftest import SECRET
from tests.delivery.making import draft_of
from tests.emails.wire import violations
from tests.faults.echoes import complaints
from tests.faults.hostile import MARK, Stranger, Visit
from tests.faults.mails import Post
from tests.services.smtp import Mail
from tests.subscriptions.making import join, make_newsletter
from worker.sending import IssueFreight

VISITS = 2_000
SEED = 20261124

KINDS = ["multipart/alternative", "text/plain", "text/html"]

JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def visitors(settings: Settings) -> FlaskClient:
    """The doors behind a proxy, and as if all these strangers came from different homes."""
    crowded = {"TRUSTED_PROXIES": "1", "SIGNUPS_PER_MINUTE": "1000000"}
    given = {"DATABASE_URL": settings.database, "SMTP_URL": settings.smtp_url, "REDIS_URL": settings.redis_url}
    return create_app(load_settings({**given, **crowded, "SECRET_KEY": SECRET})).test_client()


def doors(post: Post, newsletter: Newsletter) -> list[str]:
    """Every door that takes something from a stranger, the sign-up most often, and doors that are none."""
    reader = join(post.session, newsletter, "victim@ledger.example")
    mine = post.links.leaving_token(reader.id, 1)
    centre = post.links.token(Purpose.PREFERENCES, reader.subscriber_id, 1)
    post.session.commit()
    leaving = [f"/u/{mine}", *(f"/u/{mine}/{door}" for door in ("less", "reason", "pause", "undo"))]
    preferences = ["/p", f"/p/{centre}", f"/p/{centre}/move", f"/p/{centre}/move/code"]
    hostile = [f"/s/{MARK}%3Cscript%3E%0d%0a", f"/u/{MARK}{{{{7*7}}}}", f"/p/%00{MARK}", f"/c/{MARK}%3Cx%3E/more"]
    return ["/s/morning"] * 24 + ["/s/morning/code", "/s/morning/again"] + leaving + preferences + hostile


def send(client: FlaskClient, visit: Visit, number: int) -> list[str]:
    environment = dict(visit.headers)
    forwarded = environment.get("HTTP_X_FORWARDED_FOR", "")
    home = f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}"
    environment["HTTP_X_FORWARDED_FOR"] = f"{forwarded}, {home}" if forwarded else home
    kind = "multipart/form-data" if visit.multipart else "application/x-www-form-urlencoded"
    environment |= JSON if visit.json else {}
    answer = client.post(visit.path, data=visit.fields, content_type=kind, environ_overrides=environment)
    return [f"{visit.path}: {complaint}" for complaint in complaints(answer)]


def look(client: FlaskClient, visit: Visit) -> list[str]:
    """The same things in an address."""
    query = {name: value for name, value in visit.fields.items() if isinstance(value, str)}
    found = []
    for path in ("/s/morning", "/f/morning", "/f/morning.json", "/oembed", "/p"):
        answer = client.get(path, query_string={**query, "url": query["email"], "theme": query["value"]})
        found += [f"{path}: {complaint}" for complaint in complaints(answer)]
    return found


def head(mail: Mail) -> list[str]:
    """The names of the headers, in their order."""
    lines = mail.data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return [line.partition(b":")[0].decode() for line in lines if line[:1] not in (b" ", b"\t")]


def letters(post: Post, every: int = 1) -> Iterator[Mail]:
    """What is owed, mailed: one letter in so many."""
    owed = select(OwedLetter.id).where(OwedLetter.due_at.is_not(None)).order_by(OwedLetter.id)
    for letter_id in post.session.scalars(owed).all()[::every]:
        post.session.commit()
        before = len(post.smtp.mails)
        post.send_letter(letter_id)
        yield from post.smtp.mails[before:]


def issues(post: Post, newsletter: Newsletter) -> list[Mail]:
    """Everybody who signed up is a reader now, and gets an issue."""
    now, before = datetime.now(UTC), len(post.smtp.mails)
    post.session.execute(update(Subscription).values(state=SubscriptionState.ACTIVE.value, confirmed_at=now))
    issue = draft_of(post.session, newsletter)
    assert release(post.session, issue.id, issue.version, "lea@ledger.example", now)
    assert fan_out(post.session, issue.id, now)
    post.session.commit()
    freight = IssueFreight(post.engine, post.links, SECRET, post.folder, "here", 30)
    send_many(post.relay, freight, 4)
    freight.close(relay_down=False)
    return post.smtp.mails[before:]


def judge(mails: list[Mail], calm: Mail) -> None:
    """Each has the same head as the calm one, and nothing of a stranger's but the address it goes to."""
    for mail in mails:
        assert head(mail) == head(calm)
        assert [part.get_content_type() for part in mail.parsed.walk()] == KINDS
        assert [said for said in violations(mail.data) if "b'To: \\xd0" not in said] == []
        for name, value in message_from_bytes(mail.data).items():
            assert name == "To" or MARK not in value, (name, value)
        assert MARK not in mail.text
        assert MARK not in mail.html


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_nothing_of_a_stranger_s_becomes_more_than_text(visitors: FlaskClient, post: Post, session: Session) -> None:
    newsletter = make_newsletter(session)
    stranger = Stranger(SEED, doors(post, newsletter))
    assert visitors.post("/s/morning", data={"email": "calm@mail.example"}).status_code == 200
    (calm,) = [mail for mail in letters(post) if mail.recipient == "calm@mail.example"]
    found: list[str] = []
    for number in range(VISITS):
        visit = stranger.visit()
        found += send(visitors, visit, number)
        found += look(visitors, visit) if number % 20 == 0 else []
    assert found == []
    confirmations = list(letters(post, every=3))
    assert len(confirmations) > VISITS / 12
    judge(confirmations, calm)
    digests = issues(post, newsletter)
    assert len(digests) > len(confirmations) / 2
    judge(digests, next(mail for mail in digests if mail.recipient == "calm@mail.example"))
    assert {mail.sender for mail in post.smtp.mails} == {newsletter.sender_address}
    assert not [mail for mail in post.smtp.mails if "evil.example" in mail.recipient]
