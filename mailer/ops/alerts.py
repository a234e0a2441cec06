"""What an operator has to know first, as sentences, worst first. Judges only what it is given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailer.articles.health import State
from mailer.delivery.models import DeliveryState
from mailer.newsletters.flood import Flood
from mailer.ops.backlog import Owed
from mailer.ops.clocks import Feed
from mailer.ops.pipeline import Progress, lately
from mailer.ops.workers import Signs
from mailer.subscriptions.leaving_reasons import Strangers

FAILURES_IN_A_ROW = 2
"""One failed poll is the weather."""

MANY_FAILURES = 0.05
FEW_MESSAGES = 20
"""Failures among fewer messages are no pattern."""

FEW_STRANGERS = 3
"""Readers who say that they never signed up; of fewer, one may have forgotten."""

CONFIRMATION_GOAL = timedelta(minutes=2)
MOST_FEEDS = 5
ILL = {State.HELD: "is held", State.FAILING: "cannot be read", State.STALE: "has nothing new"}


@dataclass(frozen=True)
class Alert:
    """What is wrong (`head`, since when) and what it means or what to do (`text`)."""

    level: str  # bad or warn
    icon: str
    head: str
    text: str
    since: datetime | None = None


def raise_alerts(
    *,
    broker_away: bool,
    signs: Signs,
    owed: Owed,
    issues: Sequence[Progress],
    feeds: Sequence[Feed],
    floods: Mapping[Flood, int],
    strangers: Sequence[Strangers],
    now: datetime,
) -> list[Alert]:
    """Everything that needs a look at `now`. Of a flood its sign-ups a minute are given, 0 when nobody can say."""
    found = [
        *_machinery(broker_away, signs),
        *_relay(signs, issues),
        *_readers_waiting(owed, issues, now),
        *_uncertain(issues),
        *_floods(floods),
        *_strangers(strangers),
        *_feeds(feeds),
    ]
    return sorted(found, key=lambda alert: alert.level != "bad")


def _machinery(broker_away: bool, signs: Signs) -> Iterator[Alert]:
    if broker_away:
        yield Alert("bad", "server", "The broker is away", "Nothing is lost, but nothing moves until it is back.")
    if not signs.alive:
        last = max((worker.seen_at for worker in signs.workers), default=None)
        text = "Nothing is lost: what is due stands in the database. Start one with “postroom worker”."
        yield Alert("bad", "server", "No worker has been seen", text, last)
    elif not signs.ticking:
        text = "No draft is made, no feed is read, nothing lost is found. Start it with “postroom beat”."
        yield Alert("bad", "clock", "The clock stands still", text, signs.beat.seen_at if signs.beat else None)


def _relay(signs: Signs, issues: Sequence[Progress]) -> Iterator[Alert]:
    if signs.relay_down:
        text = "Nothing is lost: it is tried again every few seconds. Look at SMTP_URL and at the relay itself."
        yield Alert("bad", "server", "The relay cannot be reached", text)
    recently = lately(issues)
    if recently.tried >= FEW_MESSAGES and recently.failed >= recently.tried * MANY_FAILURES:
        head = f"{recently.failed:,} of the last {recently.tried:,} messages failed"
        yield Alert("bad", "ban", head, "The relay’s answers are below, the same cause together.")


def _readers_waiting(owed: Owed, issues: Sequence[Progress], now: datetime) -> Iterator[Alert]:
    if owed.letters_since and now - owed.letters_since > CONFIRMATION_GOAL:
        head = f"{owed.letters:,} letters to readers wait"
        yield Alert("bad", "mail", head, "Readers who just signed up look for them.", owed.letters_since)
    for issue in issues:
        if issue.stands_still(now):
            text = f"{issue.open:,} of {issue.audience:,} readers have not been tried." if issue.audience else ""
            head = f"{issue.newsletter} stands still"
            yield Alert("bad", "hourglass", head, text, issue.last_at or issue.fanned_out_at or issue.released_at)


def _uncertain(issues: Sequence[Progress]) -> Iterator[Alert]:
    for issue in issues:
        if count := issue.total(DeliveryState.UNCERTAIN):
            noun = "delivery is" if count == 1 else "deliveries are"
            head = f"{issue.newsletter}: {count:,} {noun} uncertain"
            text = "The relay may have taken them, so nothing sends them again by itself. Somebody has to look."
            yield Alert("warn", "circle-alert", head, text)


def _floods(floods: Mapping[Flood, int]) -> Iterator[Alert]:
    for flood, rate in floods.items():
        many = f"{rate:,} sign-ups a minute" if rate else "too many sign-ups"
        head = f"{flood.newsletter}: {many} through the form “{flood.form}”"
        text = (
            f"Until {flood.until:%H:%M} UTC each costs a proof of work, which the browser does by itself in a second."
        )
        yield Alert("warn", "users", head, text)


def _strangers(strangers: Sequence[Strangers]) -> Iterator[Alert]:
    for group in strangers:
        if group.count >= FEW_STRANGERS:
            head = f"{group.newsletter}: {group.count:,} who left this week say that they never signed up"
            text = f"They came by the form “{group.form}”." if group.form else "They came by an import."
            yield Alert("warn", "users", head, f"{text} Look at where their addresses come from.")


def _feeds(feeds: Sequence[Feed]) -> Iterator[Alert]:
    """Held ones first: until somebody decides, nothing of theirs is in an issue."""
    ill = sorted(filter(_is_ill, feeds), key=lambda feed: feed.health.state != State.HELD)
    for feed in ill[:MOST_FEEDS]:
        yield Alert("warn", "rss", f"“{feed.title}” {ILL[feed.health.state]}", feed.health.sentence, feed.succeeded_at)
    if len(ill) > MOST_FEEDS:
        yield Alert("warn", "rss", f"{len(ill) - MOST_FEEDS} more feeds need a look", "They are listed below.")


def _is_ill(feed: Feed) -> bool:
    if feed.health.state == State.FAILING:
        return feed.failures >= FAILURES_IN_A_ROW
    return feed.health.needs_a_look
