"""Who may open which door: the cookie of staff, and the guard in front of their pages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from mailer.config import Settings
from mailer.db import db
from mailer.staff import sessions
from mailer.staff.models import Role

View = TypeVar("View", bound=Callable[..., Any])

PLACES = (
    ("issues", "Today", "/desk/", Role.EDITOR),
    ("newsletters", "Newsletters", "/desk/newsletters", Role.EDITOR),
    ("forms", "Forms", "/desk/forms", Role.EDITOR),
    ("queues", "Queues", "/ops/", Role.OPERATOR),
)
"""The top bar: key, label, path, and whose place it is."""


LONGEST_PATH = 500
"""Characters of a path that is kept in a cookie during the login."""


@dataclass(frozen=True)
class Visitor:
    """Who is logged in. A value, so that it may be read after the commit."""

    id: int
    address: str
    role: Role

    def may(self, *roles: Role) -> bool:
        """Whether this visitor has one of the roles; an administrator has them all."""
        return self.role is Role.ADMINISTRATOR or self.role in roles

    @property
    def home(self) -> str:
        """The first page this visitor may open."""
        return next(path for _, _, path, role in PLACES if self.may(role))


def requires(*roles: Role) -> Callable[[View], View]:
    """Let only staff with one of `roles` through (an administrator always).

    Strangers are sent to the login by GET and get 403 by POST; staff without the role get 403.
    The decorator goes under `@blueprint.route`, and `roles_of` tells what it asks for.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            visitor = current_staff()
            if visitor is None:
                return _ask_to_log_in()
            if not visitor.may(*roles):
                abort(403, description=f"This page is for: {', '.join(roles)}. You are logged in as {visitor.role}.")
            return view(*args, **kwargs)

        guarded.roles = frozenset(roles)  # type: ignore[attr-defined]  # read by roles_of
        return guarded  # type: ignore[return-value]

    return decorate


def roles_of(view: Callable[..., Any]) -> frozenset[Role]:
    """The roles a door asks for; empty for a public one."""
    return getattr(view, "roles", frozenset())


def current_staff() -> Visitor | None:
    """Who is logged in on this request, or None."""
    if "visitor" not in g:
        g.visitor = _look_up(cookie())
    visitor: Visitor | None = g.visitor
    return visitor


def visitor() -> Visitor:
    """Who is logged in, in a door that `requires` a role."""
    found = current_staff()
    if found is None:
        raise LookupError("the door is not guarded")
    return found


def local_path(path: str) -> str | None:
    """`path` when it lies in the places of staff, else None: nothing typed into an address leads elsewhere."""
    ours = path.startswith(tuple(place[2] for place in PLACES)) and len(path) <= LONGEST_PATH
    return path if ours else None


def cookie() -> str:
    """The cookie this request brought, or nothing."""
    return request.cookies.get(cookie_name(), "")


def cookie_name() -> str:
    """`__Host-` makes browsers refuse the cookie over http and for a whole domain."""
    return "__Host-postroom" if _settings().secure else "postroom_session"


def set_cookie(response: Response, token: str) -> None:
    """Log the browser in."""
    age = int(sessions.LIFETIME.total_seconds())
    response.set_cookie(cookie_name(), token, max_age=age, path="/", **_flags())


def clear_cookie(response: Response) -> None:
    """Make the browser forget."""
    response.delete_cookie(cookie_name(), path="/", **_flags())


@dataclass(frozen=True)
class TopBar:
    """What stands at the top of a staff page."""

    visitor: Visitor | None
    places: tuple[tuple[str, str, str], ...]  # key, label, path
    home: str


def top_bar() -> TopBar:
    """The bar of this request's visitor: only links that open. Asked for by base.html."""
    person = current_staff()
    if person is None:
        return TopBar(None, (), url_for("login.form"))
    places = tuple((key, label, path) for key, label, path, role in PLACES if person.may(role))
    return TopBar(person, places, person.home)


def _look_up(token: str) -> Visitor | None:
    staff = sessions.current(db.session(), token, datetime.now(UTC)) if token else None
    return Visitor(staff.id, staff.address, Role(staff.role)) if staff else None


def _ask_to_log_in() -> Response:
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("login.form", next=request.full_path.rstrip("?")))
    abort(403, description="You are not logged in. Log in, then do it again.")


def _flags() -> dict[str, Any]:
    return {"secure": _settings().secure, "httponly": True, "samesite": "Lax"}


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
