"""How a newsletter's mails look: logo, colours, footer, and templates that editors bring."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mailer.db import db
from mailer.digests import editions, own_templates, sample
from mailer.digests.content import paragraphs
from mailer.digests.printed import IssueContent, NewsletterContent
from mailer.emails.brand import HOUSE, brand
from mailer.emails.contrast import BadColour, colour
from mailer.newsletters import appearance
from mailer.newsletters.appearance import Appearance, Unfit
from mailer.newsletters.models import Newsletter
from mailer.staff.models import Role
from mailer.web.access import requires
from mailer.web.editors import fields, preview
from mailer.web.editors.blueprint import desk, newsletter_named, write_down
from mailer.web.editors.fields import Problems, Reader
from mailer.web.house import links, now

Answer = Response | str | tuple[str, int]

LOOK: dict[str, Reader] = {
    "logo_url": fields.site,
    "accent": appearance.accent,
    "accent_dark": appearance.accent_dark,
    "footer": appearance.footer,
}


@dataclass(frozen=True)
class Verdict:
    """What is to be said of a colour: that it can be read, or why not, and which is near."""

    sentence: str
    colour: str
    nearest: str = ""


@desk.get("/newsletters/<slug>/look")
@requires(Role.EDITOR)
def look(slug: str) -> str:
    """The look as it is, or as an editor tries it (`?accent=…`), with a mail to see it on."""
    newsletter = newsletter_named(slug)
    return _page(newsletter, _tried(newsletter))


@desk.get("/newsletters/<slug>/look/contrast")
@requires(Role.EDITOR)
def contrast(slug: str) -> str:
    """Whether the colours that are being tried can be read: a part of the page above."""
    newsletter = newsletter_named(slug)
    return render_template("desk/_contrast.html", verdicts=_verdicts(_tried(newsletter)))


@desk.get("/newsletters/<slug>/look/preview")
@requires(Role.EDITOR)
def look_preview(slug: str) -> Response:
    """The newest issue in the look that is being tried."""
    newsletter = newsletter_named(slug)
    content = sample.to_look_at(db.session(), newsletter, now())
    tried = replace(content, newsletter=_worn(content.newsletter, _tried(newsletter)))
    way = preview.way(request.args.get("as", ""))
    return mail(editions.render(tried, links(), token=_token(content)).html or "", dark=way == "dark")


@desk.post("/newsletters/<slug>/look")
@requires(Role.EDITOR)
def save_appearance(slug: str) -> Answer:
    """Keep logo, colours and footer; a colour that cannot be read is refused, and the nearest offered."""
    newsletter = newsletter_named(slug)
    values, problems = fields.read(LOOK)
    if problems:
        return _page(newsletter, request.form, problems), 422
    changed = appearance.change(db.session(), newsletter, Appearance(**values))
    if changed:
        write_down("newsletter.look_changed", slug, ", ".join(changed))
    db.session.commit()
    flash("Saved. Drafts and what leaves from now on look like this." if changed else "Nothing was different.", "good")
    return redirect(url_for("desk.look", slug=slug), 303)


def mail(html: str, *, dark: bool = False) -> Response:
    """A mail as a page of its own, in which nothing runs."""
    response = make_response(preview.force(html, dark=dark))
    response.headers["Content-Security-Policy"] = preview.POLICY
    return response


def _token(content: IssueContent) -> str:
    return links().leaving_token(preview.NOBODY, content.issue_id)


def _tried(newsletter: Newsletter) -> Mapping[str, str]:
    given = request.args
    return {name: given.get(f"take_{name}") or given.get(name, getattr(newsletter, name)) for name in LOOK}


def _worn(content: NewsletterContent, tried: Mapping[str, str]) -> NewsletterContent:
    """The look as mails will have it: a colour that cannot be read is mended there too."""
    colours = brand(tried["accent"], tried["accent_dark"], tried["logo_url"])
    return replace(content, brand=colours, footer=paragraphs(tried["footer"]))


def _verdicts(tried: Mapping[str, str]) -> dict[str, Verdict]:
    return {name: _verdict(name, tried[name], tried["accent"]) for name in ("accent", "accent_dark")}


def _verdict(name: str, given: str, light: str) -> Verdict:
    if not given.strip():
        used = brand(light, "")
        own = used.accent_dark if name == "accent_dark" else HOUSE.accent
        return Verdict(f"Left empty, it is {own}.", own)
    try:
        return Verdict("It can be read, as text and on a button.", str(LOOK[name](given)))
    except Unfit as unfit:
        return Verdict(str(unfit), colour(given), unfit.nearest)
    except BadColour as bad:
        return Verdict(str(bad), "")


def _page(newsletter: Newsletter, value: Mapping[str, str], problems: Problems | None = None) -> str:
    return render_template(
        "desk/look.html",
        newsletter=newsletter,
        value=value,
        tried={name: value.get(name, "") for name in LOOK},
        problems=problems or {},
        verdicts=_verdicts({name: value.get(name, "") for name in LOOK}),
        templates=own_templates.newest(db.session(), newsletter.id),
    )
