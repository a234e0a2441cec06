"""Correct an article that readers have, or take it back; and mail that to those who received it, once."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mailer.articles.models import Article, Correction
from mailer.db import db
from mailer.delivery import audiences
from mailer.digests import corrections as room
from mailer.digests.models import Issue
from mailer.newsletters import catalogue
from mailer.newsletters.models import Newsletter
from mailer.queue import Job, enqueue
from mailer.staff.models import Role
from mailer.web.access import requires, visitor
from mailer.web.editors import words
from mailer.web.editors.blueprint import desk, write_down
from mailer.web.house import now

LONGEST_TEXT = 1_000

SAYS_NOTHING = "Write what was wrong, and what is right."
TOO_LONG = f"Say it in {LONGEST_TEXT:,} characters."


@dataclass(frozen=True)
class Mailing:
    """A newsletter that sent the article: how many of its readers received it, and the issue that told them, if one."""

    newsletter: Newsletter
    readers: int
    issue: Issue | None


@desk.get("/articles/<int:article_id>/correct")
@requires(Role.EDITOR)
def ask_to_correct(article_id: int) -> str:
    """What was said of the article so far, whom it could be mailed to, and the form that says more."""
    return _page(_article(article_id))


@desk.post("/articles/<int:article_id>/correct")
@requires(Role.EDITOR)
def correct(article_id: int) -> Response | tuple[str, int]:
    """Say it: the archive shows it from now on, and what is taken back leaves every issue that is still to come."""
    article = _article(article_id)
    text, retracted = request.form.get("text", "").replace("\0", "").strip(), "retracted" in request.form
    if problem := SAYS_NOTHING if not text else TOO_LONG if len(text) > LONGEST_TEXT else "":
        return _page(article, text, retracted, problem), 422
    room.correct(db.session(), article_id, text, retracted=retracted, by=visitor().address, now=now())
    write_down("article.retracted" if retracted else "article.corrected", f"article {article_id}", text)
    db.session.commit()
    said = "It is taken back. No issue brings it any more, and the archive says so." if retracted else ""
    flash(said or "The archive shows the correction now.", "good")
    return _back(article_id)


@desk.post("/corrections/<int:correction_id>/mail/<slug>")
@requires(Role.EDITOR)
def mail_correction(correction_id: int, slug: str) -> Response:
    """Mail it to the readers of this newsletter who received the article. A second press does nothing."""
    session = db.session()
    correction = session.get(Correction, correction_id) or abort(404, description="There is no such correction.")
    newsletter = catalogue.by_slug(session, slug) or abort(404, description="There is no such newsletter.")
    article_id = correction.article_id
    if newsletter.id not in {each.id for each in room.senders(session, article_id)}:
        abort(404, description="This newsletter did not send the article.")
    readers = _count(article_id, newsletter, correction_id)
    if not readers:
        flash("Nobody who received it can be mailed any more.", "warn")
        return _back(article_id)
    issue = room.mail(session, correction_id, newsletter, visitor().address, now())
    if issue is None:
        flash("It was mailed already. It goes out once.", "warn")
        return _back(article_id)
    issue_id = issue.id
    write_down("correction.mailed", f"issue {issue_id}", f"article {article_id}, {words.amount(readers, 'reader')}")
    session.commit()
    rung = enqueue(Job.FAN_OUT, issue_id)
    flash("It is on its way." if rung else "The queue is away just now. It leaves by itself once it can.", "good")
    return _back(article_id)


def _article(article_id: int) -> Article:
    return db.session.get(Article, article_id) or abort(404, description="There is no such article.")


def _back(article_id: int) -> Response:
    return redirect(url_for("desk.ask_to_correct", article_id=article_id), 303)


def _page(article: Article, text: str = "", retracted: bool = False, problem: str = "") -> str:
    session = db.session()
    senders = room.senders(session, article.id)
    said = [(correction, _mailings(correction, senders)) for correction in room.of(session, [article.id])[article.id]]
    return render_template(
        "desk/correct.html",
        article=article,
        said=list(reversed(said)),
        received=[(each, _count(article.id, each)) for each in senders],
        timezone=senders[0].timezone if senders else "UTC",
        text=text,
        retracted=retracted,
        problem=problem,
        longest=LONGEST_TEXT,
    )


def _mailings(correction: Correction, senders: Sequence[Newsletter]) -> list[Mailing]:
    issues = room.mailed(db.session(), correction.id)
    return [Mailing(each, _count(correction.article_id, each, correction.id), issues.get(each.id)) for each in senders]


def _count(article_id: int, newsletter: Newsletter, correction_id: int = 0) -> int:
    """The readers of the newsletter who have the article, can be mailed, and were not told already."""
    return audiences.count(db.session(), room.prospect(article_id, newsletter, correction_id))
