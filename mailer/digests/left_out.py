"""Why an article is not in an issue, in words for an editor and in the newsletter's own time."""

from datetime import datetime, tzinfo

from mailer.articles.models import Article
from mailer.digests.candidates import Known


def why(known: Known, since: datetime | None, at: datetime, clock: tzinfo) -> str | None:
    """What keeps it out of an issue that leaves at `at` and brings what came after `since`; None when nothing does."""
    if known.in_issue is not None:
        return f"Already in the issue of {_day(known.in_issue, clock)}."
    if reason := withheld_because(known.article, at, clock):
        return reason
    if known.seen_at is None:
        return "Its source is asleep."
    if known.article.backlog:
        return "It was known when its source was added."
    available = max(known.seen_at, known.article.embargo_until or known.seen_at)
    if since is not None and available <= since:
        return "Too old: it was there when the last issue was made."
    return None


def withheld_because(article: Article, at: datetime, clock: tzinfo) -> str | None:
    """Why it must not be mailed at that moment; None when it may."""
    if article.retracted_at is not None:
        return "It was taken back."
    if article.gone_at is not None:
        return f"Gone: since {_moment(article.gone_at, clock)} there is nothing at its address."
    if article.held_at is not None:
        return f"Held by {article.held_by}." if article.held_by else "Held."
    if article.embargo_until is not None and article.embargo_until > at:
        return f"Not by mail before {_moment(article.embargo_until, clock)}."
    return None


def _day(moment: datetime, clock: tzinfo) -> str:
    local = moment.astimezone(clock)
    return f"{local.day} {local:%B}"


def _moment(moment: datetime, clock: tzinfo) -> str:
    return f"{_day(moment, clock)}, {moment.astimezone(clock):%H:%M}"
