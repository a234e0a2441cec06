"""A site of somebody else, on another origin than the service: pages with our form, under any content policy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from mailer.app import create_app
from mailer.config import Settings
from mailer.embedded import ports
from mailer.newsletters.models import Form
from mailer.subscriptions.code import code
from mailer.subscriptions.models import OwedLetter
from mailer.web.embed import snippets
from mailer.web.embed.snippets import Snippets

Wsgi = Callable[..., Any]

ARTICLE = """<!doctype html>
<html lang="en" {attributes}>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Port expansion passes by one vote</title><link rel="stylesheet" href="/site.css"></head>
<body><main><h1>Port expansion passes by one vote</h1><p>Councillors backed dredging the north channel.</p>
{form}
<p>The tender will now be published in January.</p></main></body></html>"""

LOOK = """
:root { color-scheme: light dark; --signup-accent: #8f1d1d; --signup-heading: Georgia, serif }
body { font: 17px/1.6 Georgia, "Noto Naskh Arabic", serif; margin: 1rem; color: #1b1c1e; background: #fffefb }
main { max-width: 41rem; margin: auto }
@media (prefers-color-scheme: dark) {
  :root { --signup-accent: #eb9a90; --signup-on-accent: #22100e } body { color: #e6e3dd; background: #16181a }
}
"""


@contextmanager
def serving(app: Wsgi, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an application; its address."""
    server = make_server(host, port, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{host}:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def service(settings: Settings) -> Iterator[Flask]:
    """The service, on a port of its own that its snippets name."""
    port = ports.free()
    app = create_app(settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}", "sample_newsroom": True}))
    with serving(app, port=port):
        yield app


@dataclass
class Publisher:
    """A site whose pages can be written while it is served."""

    policy: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    address: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        if request.path == "/site.css":
            return Response(LOOK, mimetype="text/css")(environ, start_response)
        if request.path == "/favicon.ico":
            return Response(status=204)(environ, start_response)
        found = self.pages.get(request.path)
        answer = Response(found or "", 200 if found else 404, mimetype="text/html")
        if self.policy:
            answer.headers["Content-Security-Policy"] = self.policy
        return answer(environ, start_response)

    def publish(self, *forms: str, path: str = "/story", attributes: str = "") -> str:
        """Put an article with these forms on the site; its address."""
        self.pages[path] = ARTICLE.format(form="\n".join(forms), attributes=attributes)
        return self.address + path


@contextmanager
def publisher() -> Iterator[Publisher]:
    """A site on `localhost`, which is another site than 127.0.0.1 to a browser."""
    site = Publisher()
    with serving(site, "localhost") as site.address:
        yield site


def snippets_of(app: Flask, session: Session, form: Form) -> Snippets:
    """What the desk hands out for a form."""
    with app.test_request_context():
        made = snippets.snippets(session.get_one(Form, form.id), app.extensions["settings"].base_url)
    session.commit()
    return made


def code_of_last_letter(app: Flask, session: Session) -> str:
    """What stands in the newest mail."""
    letter_id = session.scalars(select(OwedLetter.id).order_by(OwedLetter.id.desc()).limit(1)).one()
    session.commit()
    return code(app.extensions["settings"].secret.encode(), letter_id)
