"""Where it all began: a crawled news article with a “Newsletter Signup” box, and our form in the box."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.articles.making import rss
from tests.articles.outlet import Answer, Outlet
from tests.articles.outlet import outlet as open_outlet
from tests.embedded.house import House
from tests.flows.making import adds_up, ask, confirm, follow, open_mail, person, running

FOLDER = Path(__file__).parents[2] / ".." / "shared" / "seed"
SLUG, NEWSLETTER = "azerbaijan-news", "Azerbaijan news"
MARA = "mara@mail.example"
SENDER = "The Outlet <news@outlet.example>"
PATH = "/tokayev-said-that-kazakhstan-does-not-consider-itself-indebted-to-russia/"

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(240)]


class Seed:
    """The crawled text, taken apart: section, title, paragraphs, and the words of the box at the end."""

    def __init__(self, text: str) -> None:
        lines = [line for line in text.splitlines() if line]
        self.section, self.title, *rest = lines
        self.paragraphs = rest[: rest.index("Leave a Reply") - 1]
        self.heading, self.invitation = rest[-2:]

    def page(self, house: House, address: str) -> str:
        """The article as its site showed it, and in the box the form exactly as we tell publishers to paste it."""
        paragraphs = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs)
        return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(self.title)}</title>
<link rel="icon" href="data:,"></head>
<body><article><p>{escape(self.section)}</p><h1>{escape(self.title)}</h1>{paragraphs}</article>
<section><h2>Leave a Reply</h2><p>Your email address will not be published.</p></section>
<aside><h2>{escape(self.heading)}</h2><p>{escape(self.invitation)}</p>
<form action="http://localhost:{house.port}/s/{SLUG}" method="post">
<label>Your e-mail <input type="email" name="email" required autocomplete="email"></label><button>Subscribe</button>
<input type="hidden" name="wording" value="{escape(self.heading)}. {escape(self.invitation)}">
<input type="hidden" name="page" value="{escape(address)}">
</form></aside></body></html>"""

    def feed(self, address: str) -> str:
        """The same article as an entry of the site's feed, with its text as HTML."""
        text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in self.paragraphs)
        return rss(
            f"<title>{escape(self.title)}</title><link>{address}</link><category>{escape(self.section)}</category>"
            f"<description>{escape(text)}</description><pubDate>Fri, 17 Jun 2022 09:00:00 GMT</pubDate>"
        )


@pytest.fixture
def seed() -> Seed:
    if not FOLDER.is_dir():
        pytest.skip("the page where it all began is not beside this repository (../shared/seed)")
    (path,) = FOLDER.glob("*.txt")
    return Seed(path.read_text(encoding="utf-8"))


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with open_outlet() as opened:
        yield opened


def test_a_reader_signs_up_in_the_box_and_receives_that_article(
    browser: Browser, seed: Seed, outlet: Outlet, tmp_path: Path
) -> None:
    with running(tmp_path / "var") as house, person(browser) as reader:
        article = outlet.url + PATH
        html = {"Content-Type": "text/html; charset=utf-8"}
        outlet.serve(PATH, Answer(seed.page(house, article).encode(), headers=html))
        outlet.feed("/feed/", seed.feed(article))
        ask(house, "newsletters", "add", SLUG, "--title", NEWSLETTER, "--from", SENDER, "--postal-address", "Baku")
        ask(house, "sources", "add", SLUG, f"{outlet.url}/feed/")

        page = reader.new_page()
        page.goto(article)
        page.get_by_label("Your e-mail").fill(MARA)
        page.get_by_role("button", name="Subscribe").click()
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        confirm(reader, house, NEWSLETTER)
        _assert_the_proof_names_the_box(house, seed, article)

        ask(house, "sources", "poll", SLUG)
        issue_id = str(ask(house, "issues", "draft", SLUG)["id"])
        ask(house, "issues", "send", issue_id)
        mail = open_mail(page, house, seed.title)
        expect(mail.get_by_role("heading", name=seed.title)).to_be_visible()
        expect(mail.get_by_text("Western sanctions on Moscow have put his country “between two fires”")).to_be_visible()
        expect(follow(reader, mail, seed.title).get_by_role("heading", name=seed.title)).to_be_visible()
        receipt = ask(house, "issues", "receipt", issue_id)
        assert (receipt["audience"], receipt["accepted"]) == (1, 1)
        assert adds_up(receipt)


def _assert_the_proof_names_the_box(house: House, seed: Seed, article: str) -> None:
    (subscription,) = ask(house, "subscribers", "show", MARA)["subscriptions"]
    assert (subscription["newsletter"], subscription["state"]) == (SLUG, "active")
    proof = subscription["consent"][0]
    assert (proof["page"], proof["wording"]) == (article, f"{seed.heading}. {seed.invitation}")
