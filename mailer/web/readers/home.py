"""What this is, for somebody who came by."""

from flask import render_template
from sqlalchemy import select

from mailer.db import db
from mailer.newsletters.models import Newsletter
from mailer.web.house import settings
from mailer.web.readers.blueprint import readers


@readers.get("/")
def home() -> str:
    """What this is, for somebody who came by, and the way to every form."""
    open_ones = select(Newsletter).where(Newsletter.takes_readers).order_by(Newsletter.title)
    newsletters = db.session.scalars(open_ones).all()
    return render_template("readers/home.html", newsletters=newsletters, sample=settings().newsroom)


@readers.get("/privacy")
def privacy() -> str:
    """What is kept about a reader."""
    return render_template("readers/privacy.html")
