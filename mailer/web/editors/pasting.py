"""An article by its pasted address: its page is read, and it comes into the issue."""

from flask import abort, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from mailer.articles import adding, aliases
from mailer.articles.canonical import uri
from mailer.articles.entry import Entry, Feed
from mailer.articles.ingest import store
from mailer.articles.source import FetchFailed
from mailer.db import db
from mailer.digests import desk as room
from mailer.digests import merging
from mailer.digests.desk import Outcome
from mailer.digests.models import IssueState
from mailer.newsletters.models import Newsletter
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors import issues
from mailer.web.editors.blueprint import back, desk, find, write_down
from mailer.web.editors.waiting import ask
from mailer.web.house import now

NO_ADDRESS = "That is no address of an article: it has to begin with https:// or http://."
NOT_KEPT = "The page names an address of its own that nobody can follow. Write the article by hand."


@desk.post("/issues/<int:issue_id>/paste")
@requires(Role.EDITOR)
def paste(issue_id: int) -> Response | tuple[str, int]:
    """Read the page behind an address, and put its article at the end of the issue."""
    issue, address = find(issue_id), uri(request.form.get("link", "").replace("\0", ""))
    if issue.state != IssueState.DRAFT:
        return back(issue_id, issues.FROZEN, "warn")
    if not address:
        return back(issue_id, NO_ADDRESS, "bad")
    entry = read(address)
    if isinstance(entry, FetchFailed):
        return back(issue_id, f"{address}: {entry.sentence}", "bad")
    article_id = keep(find(issue_id).newsletter, entry, address)

    def change(session: Session, version: int) -> Outcome:
        return room.add(session, issue_id, version, article_id)

    return issues.apply(issue_id, change, "issue.added")


def read(address: str) -> Entry | FetchFailed:
    """What the page behind an address tells. No transaction is open meanwhile."""
    entry: Entry | FetchFailed = ask("page", address)
    return entry


def keep(newsletter: Newsletter, entry: Entry, address: str) -> int:
    """Store the article and commit: whoever changed the draft meanwhile, it is on the wire. Its id.

    What came in before under the address that was pasted is the same article.
    """
    source = adding.pasted(db.session(), newsletter, now())
    store(db.session(), source, Feed("", entry.language, (entry,)), now())
    article_id = aliases.find(db.session(), entry.url) or abort(422, description=NOT_KEPT)
    if (before := aliases.find(db.session(), address)) is not None:
        merging.follow(db.session(), before, entry.url)
    write_down("article.pasted", f"article {article_id}", entry.url)
    db.session.commit()
    return article_id
