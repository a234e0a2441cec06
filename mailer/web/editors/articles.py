"""One article: where it came from, how it changed, and whether it may go by mail."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from mailer.articles import withholding
from mailer.articles.models import Article, ArticleChange, Sighting
from mailer.db import db
from mailer.digests.models import Issue, IssueArticle
from mailer.newsletters import calendar
from mailer.newsletters.calendar import zone
from mailer.newsletters.models import Newsletter
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors import words
from mailer.web.editors.blueprint import desk, write_down
from mailer.web.house import now

Answer = Response | tuple[str, int]

MOST = 30
"""Changes, near-duplicates and issues that are shown."""

NO_MOMENT = "Write a day and an hour, like 2026-11-25 and 06:00."
PAST = "That is over. Write a moment that is still to come."
NEVER = "The clock jumps over this hour. Write another one."


@desk.get("/articles/<int:article_id>")
@requires(Role.EDITOR)
def article(article_id: int) -> str:
    """Everything that is known of the article; `issue` is the draft that the editor came from."""
    return _page(_find(article_id))


@desk.post("/articles/<int:article_id>/<any(hold, unhold):verb>")
@requires(Role.EDITOR)
def hold_article(article_id: int, verb: str) -> Response:
    """Keep it out of every mail that has not left, or let it go again."""
    found = _find(article_id)
    if verb == "hold":
        changed = withholding.hold(db.session(), article_id, visitor().address, now())
        said = (
            "Held: no mail brings it until somebody lets it go. Issues that are being sent leave it out from here on."
        )
    else:
        changed, said = withholding.unhold(db.session(), article_id, now()), "It may go by mail again."
    if not changed:
        return _to(article_id, "Somebody did that already.", "warn")
    write_down("article.held" if verb == "hold" else "article.let_go", f"article {article_id}", found.title)
    db.session.commit()
    return _to(article_id, said, "good")


@desk.post("/articles/<int:article_id>/embargo")
@requires(Role.EDITOR)
def embargo_article(article_id: int) -> Answer:
    """Not by mail before a moment on the newsletter's clock; without one, at once."""
    found = _find(article_id)
    day, hour = request.form.get("day", "").strip(), request.form.get("hour", "").strip()
    timezone = _newsletter(found).timezone
    lifted = "lift" in request.form
    until = None if lifted else _moment(day, hour, timezone)
    if isinstance(until, str):
        return _page(found, until), 422
    if not withholding.embargo(db.session(), article_id, until):
        return _to(article_id, "It was like that already.", "message")
    write_down("article.embargo", f"article {article_id}", f"until {until.isoformat()}" if until else "lifted")
    db.session.commit()
    said = (
        f"Not by mail before {words.when(until, timezone, now())}, {timezone}." if until else "The embargo is lifted."
    )
    return _to(article_id, said, "good")


def _moment(day: str, hour: str, timezone: str) -> datetime | str:
    """The moment on the newsletter's clock, or a sentence about what is wrong with it."""
    clock = zone(timezone)
    try:
        wall = datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=None)
        moment = wall.replace(tzinfo=clock).astimezone(UTC)
        shown = moment.astimezone(clock).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return NO_MOMENT
    if shown != wall:
        return NEVER
    return moment if moment > now() else PAST


def _find(article_id: int) -> Article:
    found = db.session.get(Article, article_id, populate_existing=True)
    return found or abort(404, description="There is no such article.")


def _sightings(article: Article) -> list[Sighting]:
    query = select(Sighting).where(Sighting.article_id == article.id).order_by(Sighting.seen_at, Sighting.source_id)
    return list(db.session.scalars(query.options(joinedload(Sighting.source))))


def _newsletter(article: Article) -> Newsletter:
    """Whose clock the page shows: that of the draft the editor came from, else that of the article's first source."""
    issue = db.session.get(Issue, request.args.get("issue", 0, type=int))
    if issue is not None:
        return issue.newsletter
    sightings = _sightings(article)
    if sightings:
        return sightings[0].source.newsletter
    held = select(Issue).join(IssueArticle).where(IssueArticle.article_id == article.id).order_by(Issue.id)
    issue = db.session.scalars(held.limit(1)).first()
    return issue.newsletter if issue else abort(404, description="No newsletter has this article any more.")


def _page(article: Article, problem: str = "") -> str:
    session, newsletter, until = db.session(), _newsletter(article), article.embargo_until
    changes = select(ArticleChange).where(ArticleChange.article_id == article.id)
    alike = select(Article).where(Article.cluster_id == article.cluster_id, Article.id != article.id)
    issues = select(Issue).join(IssueArticle).where(IssueArticle.article_id == article.id)
    return render_template(
        "desk/article.html",
        article=article,
        newsletter=newsletter,
        issue_id=request.args.get("issue", type=int),
        sightings=_sightings(article),
        changes=session.scalars(changes.order_by(ArticleChange.id.desc()).limit(MOST)).all(),
        alike=session.scalars(alike.order_by(Article.id).limit(MOST)).all() if article.cluster_id else [],
        issues=session.scalars(issues.order_by(Issue.id.desc()).limit(MOST)).all(),
        embargo=until.astimezone(zone(newsletter.timezone)) if until and until > now() else None,
        tomorrow=now().astimezone(zone(newsletter.timezone)).date() + calendar.ONE_DAY,
        day=request.form.get("day", ""),
        hour=request.form.get("hour", ""),
        problem=problem,
    )


def _to(article_id: int, sentence: str, category: str) -> Response:
    flash(sentence, category)
    issue_id = request.args.get("issue", type=int)
    return redirect(url_for("desk.article", article_id=article_id, issue=issue_id), 303)
