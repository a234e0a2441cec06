"""Two newsletters that share articles, their readers, and a plain model of who is due what: for random stories."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailer.articles.models import Article
from mailer.delivery import dispatch, receipt
from mailer.delivery.dispatch import Result
from mailer.delivery.models import Batch, BatchState, Delivery, DeliveryState
from mailer.digests import away
from mailer.digests.away import Group
from mailer.digests.models import Issue, IssueArticle, IssueKind, IssueState
from mailer.digests.release import release
from mailer.newsletters.models import Newsletter, Schedule
from mailer.subscriptions.models import Subscriber, Subscription, SubscriptionState
from tests.delivery.making import NOW

HAS = {DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN}
COUNTS = {DeliveryState.QUEUED, DeliveryState.DEFERRED, *HAS}
ENDED = {DeliveryState.REFUSED, DeliveryState.SKIPPED}


@dataclass
class Newsroom:
    """What happens, and what we think of it: articles told alike have one name, `same`."""

    session: Session
    name: str
    now: datetime = NOW
    newsletters: list[Newsletter] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    readers: list[int] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)
    mailed: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))  # by reader: what, each time
    due: set[tuple[int, int]] = field(default_factory=set)  # reader and what
    held_back: set[tuple[int, int]] = field(default_factory=set)

    def open(self, articles: int, twins: list[int], readers: int) -> None:
        """Newsletters, a pool of articles of which some are told alike, and readers of nothing yet."""
        for which in ("morning", "evening"):
            newsletter = Newsletter(
                slug=f"{which}-{self.name}", title=which, sender_name="L", sender_address="l@x.example", created_at=NOW
            )
            for title in ("Daily", "Weekly"):
                newsletter.schedules.append(Schedule(title=title, weekdays=1, hours=[time(7)], starts_at=NOW))
            self.newsletters.append(newsletter)
        self.session.add_all(self.newsletters)
        for number in range(articles):
            url = f"https://x.example/{self.name}/{number}"
            article = Article(canonical_url=url, url=url, title=f"Story {number}", seen_at=NOW, updated_at=NOW)
            self.articles.append(article)
        subscribers = [
            Subscriber(address=f"{n}@{self.name}.example", address_key=f"{n}@{self.name}.example", created_at=NOW)
            for n in range(readers)
        ]
        self.session.add_all([*self.articles, *subscribers])
        self.session.flush()
        for article, twin in zip(self.articles, twins, strict=False):
            if twin:
                first = self.articles[twin % len(self.articles)]
                article.cluster_id = first.cluster_id or first.id
                first.cluster_id = article.cluster_id
        self.readers = [subscriber.id for subscriber in subscribers]
        self.session.commit()

    def subscribe(self, reader: int, newsletter: Newsletter, topics: int, schedule: int, hour: int | None) -> None:
        self.session.add(
            Subscription(
                subscriber_id=reader,
                newsletter_id=newsletter.id,
                state=SubscriptionState.ACTIVE.value,
                topics=topics,
                schedule_id=newsletter.schedules[schedule - 1].id if schedule else None,
                delivery_hour=None if hour is None else time(hour),
                created_at=NOW - timedelta(days=9),
                requested_at=NOW - timedelta(days=9),
                confirmed_at=NOW - timedelta(days=9),
            )
        )
        self.session.commit()

    def release(self, newsletter: Newsletter, schedule: int, picks: list[tuple[int, int]]) -> Issue:
        """An issue of these articles with their topics leaves the desk."""
        issue = Issue(newsletter=newsletter, subject="An issue", created_at=self.now)
        issue.schedule_id = newsletter.schedules[schedule - 1].id if schedule else None
        for position, (number, topics) in enumerate(picks):
            article = self.articles[number]
            issue.articles.append(
                IssueArticle(article_id=article.id, position=position, topics=topics, url="u", title=article.title)
            )
        self.session.add(issue)
        self.session.flush()
        assert release(self.session, issue.id, 1, "lea", self.now)
        self.session.commit()
        self.issues.append(issue.id)
        return issue

    def same(self, article: Article) -> int:
        return article.cluster_id or article.id

    def told(self, issue: Issue, edition: int) -> list[int]:
        """What an edition tells, in its order."""
        return [self.same(item.article) for item in issue.articles if item.bit & edition]

    def has(self, reader: int, but: int = 0, states: set[DeliveryState] = COUNTS) -> set[int]:
        """What this reader has or is about to get, from every issue but one."""
        mine = select(Delivery).where(Delivery.subscriber_id == reader, Delivery.issue_id != but)
        rows = [row for row in self.session.scalars(mine) if row.state in states]
        return {told for row in rows for told in self.told(self.session.get_one(Issue, row.issue_id), row.edition)}

    def expected(self, issue: Issue, subscription: Subscription) -> int:
        """The edition that this reader should get, worked out one article at a time."""
        seen = self.has(subscription.subscriber_id, issue.id)
        edition = 0
        for item in issue.articles:
            wanted = item.topics == 0 or item.topics & subscription.topics
            if wanted and self.same(item.article) not in seen:
                seen.add(self.same(item.article))
                edition |= item.bit
        return edition

    def audience(self, issue: Issue, state: SubscriptionState = SubscriptionState.ACTIVE) -> list[Subscription]:
        mine = select(Subscription).where(
            Subscription.newsletter_id == issue.newsletter_id, Subscription.state == state.value
        )
        readers = self.session.scalars(mine.execution_options(populate_existing=True)).all()
        return [r for r in readers if None in (issue.schedule_id, r.schedule_id) or r.schedule_id == issue.schedule_id]

    def returned(self, group: Group) -> list[Subscription]:
        """Who is back from a pause and waits for what was sent meanwhile."""
        mine = select(Subscription).where(Subscription.newsletter_id == group.newsletter_id, away.back())
        readers = self.session.scalars(mine.execution_options(populate_existing=True)).all()
        return [reader for reader in readers if reader.schedule_id == group.schedule_id]

    def missed(self, subscription: Subscription) -> set[int]:
        """What was sent in the pause, to readers like this one, and may be mailed now."""
        sent = [self.session.get_one(Issue, issue_id, populate_existing=True) for issue_id in self.issues]
        theirs = [
            issue
            for issue in sent
            if issue.newsletter_id == subscription.newsletter_id and issue.kind == IssueKind.DIGEST
            if None in (issue.schedule_id, subscription.schedule_id) or issue.schedule_id == subscription.schedule_id
            if issue.state in (IssueState.SENDING, IssueState.SENT) and issue.fanned_out_at
            if issue.released_at and subscription.away_from and issue.released_at >= subscription.away_from
        ]
        items = [item for issue in theirs for item in issue.articles if not item.article.held_at]
        return {self.same(i.article) for i in items if i.topics == 0 or i.topics & subscription.topics}

    def send(self, outcomes: list[DeliveryState], lost: bool = False) -> bool:
        """One claim; its readers end like this, in turn. Lost: a machine died with all of it in its hands."""
        claimed = dispatch.claim(self.session, "here", self.now)
        self.session.commit()
        if claimed is None:
            return False
        held, readers = claimed
        issue = self.session.get_one(Issue, held.issue_id, populate_existing=True)
        held_back = [self.same(item.article) for item in issue.articles if item.article.held_at]
        self.held_back |= {(reader.subscriber_id, told) for reader in readers for told in held_back}
        results = []
        for number, reader in enumerate(readers):
            outcome = DeliveryState.UNCERTAIN if lost else outcomes[number % len(outcomes)]
            if outcome in HAS:
                self.mailed[reader.subscriber_id] += self.told(issue, reader.edition)
            assert not any(item.article.held_at for item in issue.articles if item.bit & reader.edition)
            retry_at = self.now + timedelta(minutes=5) if outcome is DeliveryState.DEFERRED else None
            results.append(Result(reader.subscriber_id, outcome, "said", retry_at))
        if lost:
            return True
        dispatch.record(self.session, held, results, self.now)
        dispatch.finish(self.session, held, self.now)
        self.session.commit()
        return True

    def check(self) -> None:
        """Nobody has anything twice, and the books add up."""
        for reader, told in self.mailed.items():
            assert len(told) == len(set(told)), f"reader {reader} was told twice: {told}"
        for issue_id in self.issues:
            assert receipt.read(self.session, issue_id).balanced
        self.session.rollback()

    def excused(self, reader: int) -> set[int]:
        """What was meant for this reader and was refused, held back, called off, or met a pause."""
        mine = select(Delivery).where(Delivery.subscriber_id == reader)
        ended = [
            row for row in self.session.scalars(mine) if row.state in ENDED and row.answer not in ("topics", "received")
        ]
        issues = [self.session.get_one(Issue, row.issue_id) for row in ended]
        meant = {self.same(item.article) for issue in issues for item in issue.articles}
        return meant | {told for who, told in self.held_back if who == reader}

    def close(self) -> None:
        """Leave nothing for the next story to claim."""
        mine = [newsletter.id for newsletter in self.newsletters]
        self.session.rollback()
        self.session.execute(update(Batch).values(state=BatchState.DONE.value))
        self.session.execute(
            update(Issue).where(Issue.newsletter_id.in_(mine)).values(state=IssueState.CANCELLED.value)
        )
        self.session.execute(update(Subscription).values(state=SubscriptionState.UNSUBSCRIBED.value))
        self.session.commit()
