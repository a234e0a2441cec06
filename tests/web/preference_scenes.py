"""A reader with two newsletters to choose from, and their page."""

from collections.abc import Iterable
from datetime import time

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.links import Links
from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions.models import ConsentRecord, Subscriber, Subscription
from tests.subscriptions.making import NOW, fresh, join, make_newsletter

MARA = "mara@ledger.example"


def make_rhythms(session: Session, newsletter: Newsletter) -> tuple[Schedule, Schedule]:
    """Weekdays at seven, and Saturdays at nine."""
    weekdays = Schedule(title="Weekdays", weekdays=0b0011111, hours=[time(7)], starts_at=NOW)
    saturdays = Schedule(title="Saturdays", weekdays=0b0100000, hours=[time(9)], starts_at=NOW)
    newsletter.schedules = [weekdays, saturdays]
    session.commit()
    return weekdays, saturdays


class Centre:
    """The preference centre of Mara, who reads the Morning Briefing and could read the Evening Edition."""

    def __init__(self, session: Session, client: FlaskClient, links: Links) -> None:
        self.session, self.client, self.links = session, client, links
        self.morning = make_newsletter(session)
        self.weekdays, self.saturdays = make_rhythms(session, self.morning)
        self.evening = make_newsletter(session, "evening", "Evening Edition")
        self.subscription_id = join(session, self.morning, MARA).id
        session.commit()

    @property
    def reader(self) -> Subscriber:
        self.session.expire_all()
        found = self.session.scalars(select(Subscriber)).one()
        self.session.commit()
        return found

    @property
    def path(self) -> str:
        reader = self.reader
        return self.links.preferences(reader.id, reader.generation).removeprefix(self.links.base_url)

    @property
    def subscription(self) -> Subscription:
        """Mara's subscription to the Morning Briefing as it is now."""
        return fresh(self.session, self.subscription_id)

    def of(self, newsletter: Newsletter) -> Subscription:
        wanted = select(Subscription.id).where(Subscription.newsletter_id == newsletter.id)
        return fresh(self.session, self.session.scalars(wanted).one())

    def get(self) -> str:
        return self.client.get(self.path).text

    def change(self, setting: str, *values: str, newsletter: str = "", part: bool = False, **more: str) -> TestResponse:
        """Send a form of the page; with `part` as the script does."""
        data: dict[str, str | list[str]] = {"setting": setting, "newsletter": newsletter, "value": list(values), **more}
        return self.client.post(self.path, data=data, headers={"X-Part": "1"} if part else {})

    def proofs(self) -> list[tuple[str, str]]:
        """Event and detail of everything since the confirmation."""
        rows: Iterable[ConsentRecord] = self.session.scalars(select(ConsentRecord).order_by(ConsentRecord.id)).all()
        found = [(row.event, row.detail) for row in rows][2:]
        self.session.commit()
        return found
