"""What a reader chose, changed one thing at a time. Each change that changes something leaves a proof.

Whoever changes holds the reader's row (`hold`), so that of two tabs one waits for the other, and what a proof says was
before was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from mailer.newsletters.models import EVERY_TOPIC, Newsletter, Schedule
from mailer.subscriptions import consent
from mailer.subscriptions.models import ConsentEvent, Subscriber, Subscription, SubscriptionState
from mailer.subscriptions.unsubscribe import STAYING

FORM = "preferences"
"""What the proofs name as the form."""

Hours = tuple[time, time] | None
"""From when until when it is quiet, over midnight or not; None: never."""


@dataclass(frozen=True)
class Choice:
    """A newsletter that a reader gets or could get."""

    newsletter: Newsletter
    subscription: Subscription | None

    @property
    def on(self) -> bool:
        """Whether the reader gets it, now or after a pause."""
        return self.subscription is not None and self.subscription.state in STAYING


def find(session: Session, subscriber_id: int, generation: int) -> Subscriber | None:
    """The reader of a link; None when they were erased, or moved since."""
    return session.scalar(_of_link(subscriber_id, generation))


def hold(session: Session, subscriber_id: int, generation: int) -> Subscriber | None:
    """The same, for somebody who changes something: others wait until the end of the transaction."""
    return session.scalar(_of_link(subscriber_id, generation).with_for_update())


def choices(session: Session, subscriber: Subscriber) -> list[Choice]:
    """Every newsletter that the reader gets, got, or could get, by title."""
    rows = session.execute(
        select(Newsletter, Subscription)
        .outerjoin(
            Subscription,
            (Subscription.newsletter_id == Newsletter.id) & (Subscription.subscriber_id == subscriber.id),
        )
        .where(or_(Newsletter.takes_readers, Subscription.state != SubscriptionState.PENDING))
        .order_by(Newsletter.title, Newsletter.id)
    )
    return [Choice(newsletter, subscription) for newsletter, subscription in rows]


def subscriptions(session: Session, subscriber: Subscriber) -> Sequence[Subscription]:
    """All that a reader has, also what they left, oldest first."""
    mine = select(Subscription).where(Subscription.subscriber_id == subscriber.id)
    return session.scalars(mine.order_by(Subscription.id)).all()


def choose_schedule(
    session: Session, subscription: Subscription, schedule: Schedule | None, *, network: str, now: datetime
) -> bool:
    """How often: one of the newsletter's schedules, None for every issue."""
    titles = {each.id: each.title for each in subscription.newsletter.schedules}
    before = titles.get(subscription.schedule_id or 0, "every issue")
    detail = f"frequency: {before} -> {schedule.title if schedule else 'every issue'}"
    return _change(session, subscription, {"schedule_id": schedule.id if schedule else None}, detail, network, now)


def choose_topics(session: Session, subscription: Subscription, topics: int, *, network: str, now: datetime) -> bool:
    """Which topics, as a mask."""
    before, after = _topics(subscription, subscription.topics), _topics(subscription, topics)
    return _change(session, subscription, {"topics": topics}, f"topics: {before} -> {after}", network, now)


def choose_hour(
    session: Session, subscription: Subscription, hour: time | None, *, network: str, now: datetime
) -> bool:
    """At what hour on the reader's clock; None for when the issue is sent."""
    detail = f"hour: {_hour(subscription.delivery_hour)} -> {_hour(hour)}"
    return _change(session, subscription, {"delivery_hour": hour}, detail, network, now)


def choose_breaking(
    session: Session, subscription: Subscription, wanted: bool, quiet: Hours, *, network: str, now: datetime
) -> bool:
    """Whether breaking news comes too, and between which hours not. Who does not want it keeps the hours."""
    begins, ends = quiet or (None, None)
    values: dict[str, object] = {"breaking": wanted}
    if wanted:
        values |= {"quiet_from": begins, "quiet_until": ends}
    before = _breaking(subscription.breaking, quiet_hours(subscription))
    detail = f"breaking news: {before} -> {_breaking(wanted, quiet)}"
    return _change(session, subscription, values, detail, network, now)


def quiet_hours(subscription: Subscription) -> Hours:
    """Between which hours no breaking news comes."""
    begins, ends = subscription.quiet_from, subscription.quiet_until
    return None if begins is None or ends is None else (begins, ends)


def choose_timezone(session: Session, subscriber: Subscriber, timezone: str, *, network: str, now: datetime) -> bool:
    """Where the reader's clock hangs, for all newsletters; empty for each newsletter's own."""
    details = {
        each: f"time zone: {each.timezone or 'of the newsletter'} -> {timezone or 'of the newsletter'}"
        for each in subscriptions(session, subscriber)
    }
    changes = [_change(session, each, {"timezone": timezone}, said, network, now) for each, said in details.items()]
    return any(changes)


def choose_language(session: Session, subscriber: Subscriber, language: str, *, network: str, now: datetime) -> bool:
    """In what language pages and letters speak, for all newsletters; empty for each newsletter's own."""
    details = {
        each: f"language: {each.language or 'of the newsletter'} -> {language or 'of the newsletter'}"
        for each in subscriptions(session, subscriber)
    }
    changes = [_change(session, each, {"language": language}, said, network, now) for each, said in details.items()]
    return any(changes)


def choose_format(session: Session, subscriber: Subscriber, plain_text: bool, *, network: str, now: datetime) -> bool:
    """Text alone, or HTML too."""
    if subscriber.plain_text == plain_text:
        return False
    subscriber.plain_text = plain_text
    _record_for_all(session, subscriber, f"plain text only: {_yes(plain_text)}", network, now)
    return True


def choose_counting(session: Session, subscriber: Subscriber, uncounted: bool, *, network: str, now: datetime) -> bool:
    """Whether nothing is counted of this reader."""
    if subscriber.uncounted == uncounted:
        return False
    subscriber.uncounted = uncounted
    _record_for_all(session, subscriber, f"not counted: {_yes(uncounted)}", network, now)
    return True


def _of_link(subscriber_id: int, generation: int) -> Select[Subscriber]:
    return select(Subscriber).where(Subscriber.id == subscriber_id, Subscriber.generation == generation)


def _change(
    session: Session, subscription: Subscription, values: dict[str, object], detail: str, network: str, now: datetime
) -> bool:
    """Write what is different, and the proof of it. False when nothing was."""
    different = [getattr(Subscription, name).is_distinct_from(value) for name, value in values.items()]
    changed = (
        update(Subscription)
        .where(Subscription.id == subscription.id, or_(*different))
        .values(values)
        .returning(Subscription.id)
    )
    if session.scalar(changed) is None:
        return False
    _record(session, subscription, detail, network, now)
    return True


def _record_for_all(session: Session, subscriber: Subscriber, detail: str, network: str, now: datetime) -> None:
    for subscription in subscriptions(session, subscriber):
        _record(session, subscription, detail, network, now)


def _record(session: Session, subscription: Subscription, detail: str, network: str, now: datetime) -> None:
    consent.record(
        session,
        subscription.id,
        ConsentEvent.CHANGED,
        address=subscription.subscriber.address,
        at=now,
        form=FORM,
        detail=detail,
        network=network,
    )


def _topics(subscription: Subscription, mask: int) -> str:
    if mask == EVERY_TOPIC:
        return "all"
    return ", ".join(topic.slug for topic in subscription.newsletter.topics if topic.mask & mask) or "none"


def _hour(hour: time | None) -> str:
    return f"{hour:%H:%M}" if hour else "when it is sent"


def _breaking(wanted: bool, quiet: Hours) -> str:
    if not wanted:
        return "no"
    return f"yes, but not {quiet[0]:%H:%M} to {quiet[1]:%H:%M}" if quiet else "yes, at any hour"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
