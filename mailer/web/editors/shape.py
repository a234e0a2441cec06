"""The shape of a draft: layout and section of an article, the advertisement, the look."""

from flask import request
from sqlalchemy.orm import Session

from mailer.articles.canonical import uri
from mailer.digests import desk as room
from mailer.digests.desk import Outcome
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors.blueprint import back, desk
from mailer.web.editors.issues import Answer, apply

NO_LINK = "This is no address of a page or a picture: {url}. It begins with https://. Nothing was changed."


@desk.post("/issues/<int:issue_id>/articles/<int:item_id>/place")
@requires(Role.EDITOR)
def save_place(issue_id: int, item_id: int) -> Answer:
    """Layout, section and picture text of an article in this issue."""
    heading, layout, alt = (request.form.get(name, "") for name in ("heading", "layout", "picture_alt"))
    heading = heading[:120]

    def change(session: Session, version: int) -> Outcome:
        return room.change_place(session, issue_id, version, item_id, heading=heading, layout=layout, picture_alt=alt)

    unsaved = (("Heading", heading), ("What the picture shows", alt))
    return apply(issue_id, change, "issue.place_changed", unsaved, f"story-{item_id}")


@desk.post("/issues/<int:issue_id>/advertisement")
@requires(Role.EDITOR)
def save_advertisement(issue_id: int) -> Answer:
    """What somebody paid for."""
    title, text, url, picture_url = (request.form.get(name, "") for name in ("title", "text", "url", "picture_url"))
    if bad := next((given for given in (url, picture_url) if given.strip() and not uri(given)), ""):
        return back(issue_id, NO_LINK.format(url=bad.strip()[:100]), "warn")

    def change(session: Session, version: int) -> Outcome:
        return room.change_advertisement(
            session, issue_id, version, title=title[:200], text=text, url=url, picture_url=picture_url
        )

    unsaved = (("Words of the link", title), ("Text of the advertisement", text))
    return apply(issue_id, change, "issue.advertisement_changed", unsaved, "advertisement")


@desk.post("/issues/<int:issue_id>/look")
@requires(Role.EDITOR)
def save_look(issue_id: int) -> Answer:
    """Another look for the whole issue."""
    name = request.form.get("look", "")

    def change(session: Session, version: int) -> Outcome:
        return room.change_look(session, issue_id, version, name)

    return apply(issue_id, change, "issue.look_changed", anchor="choose-look")
