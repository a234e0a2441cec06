"""A server that answers as the REST API of WordPress does: pages of posts with all that belongs to them, and errors."""

import json
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BEGINNING = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
FOREVER = timedelta(days=9999)


@dataclass
class Post:
    """A post; number n was written n minutes after the beginning."""

    number: int
    title: str = ""
    modified: datetime | None = None
    categories: tuple[str, ...] = ("City &amp; Port",)
    pictured: bool = True
    protected: bool = False

    @property
    def written(self) -> datetime:
        return BEGINNING + timedelta(minutes=self.number)

    @property
    def changed(self) -> datetime:
        return self.modified or self.written


@dataclass
class Site:
    """A WordPress site. `folder` is where it lies, `plain` one without pretty addresses; `refused` answers with 401.

    `fails_at` is the page that answers 500, `old` one that came before `modified_after`.
    """

    posts: list[Post] = field(default_factory=list)
    folder: str = ""
    plain: bool = False
    refused: bool = False
    old: bool = False
    fails_at: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    home: str = ""

    @property
    def root(self) -> str:
        return f"{self.home}/index.php?rest_route=/" if self.plain else f"{self.home}/wp-json/"

    @property
    def front(self) -> str:
        """The front page."""
        link = f'<link rel="https://api.w.org/" href="{self.root}">'
        return f'<!DOCTYPE html><html lang="en"><head><title>Ledger &#8211; News</title>{link}</head></html>'

    def answer(self, path: str) -> tuple[int, dict[str, str], Any]:
        """Status, headers and what is said, for a path with its query."""
        parts = urlsplit(path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not parts.path.startswith(self.folder):
            return 404, {}, "Not found"
        place = parts.path.removeprefix(self.folder)
        route = query.get("rest_route", "") if self.plain else place.removeprefix("/wp-json")
        if place == "/" and not query:
            return 200, {}, self.front
        if self.refused:
            return _error(401, "rest_cannot_access", "Only authenticated users can access the REST API.")
        if not route.strip("/") and (self.plain or place.startswith("/wp-json")):
            return 200, {}, {"name": "Ledger", "namespaces": ["wp/v2"], "routes": {}}
        if route != "/wp/v2/posts":
            return _error(404, "rest_no_route", "No route was found matching the URL and request method.")
        self.asked.append(query)
        return self.page(query)

    def page(self, query: dict[str, str]) -> tuple[int, dict[str, str], Any]:
        """One page of posts, as the query wants them."""
        number, size = int(query.get("page", "1")), int(query.get("per_page", "10"))
        if not 1 <= size <= 100:
            return _error(400, "rest_invalid_param", "Invalid parameter(s): per_page")
        if number == self.fails_at:
            return _error(500, "internal_server_error", "There has been a critical error on this website.")
        found = self.wanted(query)
        pages = ceil(len(found) / size)
        if number > 1 and number > pages:
            return _error(400, "rest_post_invalid_page_number", "The page number requested is larger than …")
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
        return 200, headers, [self.described(post) for post in found[(number - 1) * size : number * size]]

    def wanted(self, query: dict[str, str]) -> list[Post]:
        """The posts that the query selects, in its order. A database keeps none among posts of the same second."""
        bounds = {"modified_after": BEGINNING - FOREVER, "modified_before": BEGINNING + FOREVER}
        if not self.old:
            bounds |= {name: datetime.fromisoformat(query[name]) for name in bounds if name in query}
        found = [post for post in self.posts if bounds["modified_after"] < post.changed < bounds["modified_before"]]
        random.shuffle(found)
        orders = {"modified": lambda post: post.changed, "id": lambda post: post.number}
        found.sort(key=orders.get(query.get("orderby", ""), lambda post: post.written))
        return found if query.get("order") == "asc" else found[::-1]

    def described(self, post: Post) -> dict[str, Any]:
        """A post in the words of the API."""
        link = f"{self.home}/{post.number}/"
        more = f'&hellip; <a class="more-link" href="{link}">Continue reading <span>“{post.title}”</span></a>'
        media = {
            "alt_text": "The ferry &amp; the quay",
            "mime_type": "image/jpeg",
            "source_url": f"{self.home}/wp-content/{post.number}.jpg",
            "media_details": {
                "width": 4000,
                "height": 3000,
                "sizes": {
                    "large": {
                        "width": 1024,
                        "height": 768,
                        "mime_type": "image/jpeg",
                        "source_url": f"{self.home}/wp-content/{post.number}-1024.jpg",
                    },
                    "webp": {"width": 1200, "mime_type": "image/webp", "source_url": f"{self.home}/{post.number}.webp"},
                },
            },
        }
        absent = {
            "code": "rest_forbidden",
            "message": "Sorry, you are not allowed to do that.",
            "data": {"status": 401},
        }
        terms = [{"taxonomy": "category", "slug": name.lower(), "name": name} for name in post.categories]
        return {
            "id": post.number,
            "guid": {"rendered": f"{self.home}/?p={post.number}"},
            "link": link,
            "date_gmt": f"{post.written:%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{post.changed:%Y-%m-%dT%H:%M:%S}",
            "title": {"rendered": post.title or f"Story &#8220;{post.number}&#8221;"},
            "excerpt": {"rendered": f"<p>The ferry is back {more}</p>\n", "protected": post.protected},
            "content": {"rendered": "<p>The ferry is back.</p>", "protected": post.protected},
            "_embedded": {
                "author": [{"id": 1, "name": "Mara Quist"}],
                "wp:featuredmedia": [media if post.pictured else absent],
                "wp:term": [terms, [{"taxonomy": "post_tag", "slug": "boats", "name": "Boats"}]],
            },
        }


def _error(status: int, code: str, message: str) -> tuple[int, dict[str, str], Any]:
    return status, {}, {"code": code, "message": message, "data": {"status": status}}


class _Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        status, headers, said = self.site.answer(self.path)
        is_page = isinstance(said, str)
        body = (said if is_page else json.dumps(said)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=UTF-8" if is_page else "application/json; charset=UTF-8")
        self.send_header("Link", f'<{self.site.root}>; rel="https://api.w.org/"')
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def wordpress_rest(site: Site) -> Iterator[Site]:
    """Serve `site` on a free port of this machine until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"site": site}))
    site.home = f"http://127.0.0.1:{server.server_port}{site.folder}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
