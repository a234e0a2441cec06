"""What a form says in WordPress: the service's words, remembered, and the topics of the article's section."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy.orm import Session

from mailer.newsletters.models import Form, Newsletter
from tests.contrib.markup import Found, forms
from tests.services.wordpress import WordPress, php
from tests.subscriptions.making import make_newsletter

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def only_form(html: str) -> Found:
    (form,) = forms(html)
    return form


def change(session: Session, newsletter: Newsletter, **fields: object) -> None:
    form = session.get_one(Form, newsletter.forms[0].id)
    for name, value in fields.items():
        setattr(form, name, value)
    session.commit()


def test_a_form_says_what_the_service_says_in_the_language_of_the_page(
    site: WordPress, live: str, newsletter: Newsletter
) -> None:
    site.choose(service=live)
    form = only_form(site.get(site.publish('[post_signup language="ar"]')))
    assert form.all("h2")[0].text == "Morning Briefing"
    assert {"lang": "ar", "dir": "rtl"}.items() <= form.attributes.items()
    assert form.all("button")[0].text != "Sign up"
    assert form.fields()["language"] == "ar"
    assert form.fields()["wording"] in form.all("small")[0].text
    english = only_form(site.get(site.publish("[post_signup]")))
    assert {"lang": "en", "dir": "ltr"}.items() <= english.attributes.items()


def test_the_words_are_asked_for_once_in_five_minutes(
    site: WordPress, live: str, session: Session, newsletter: Newsletter
) -> None:
    site.choose(service=live)
    address = site.publish("[post_signup]")
    assert only_form(site.get(address)).all("h2")[0].text == "Morning Briefing"
    change(session, newsletter, heading="Before breakfast")
    assert only_form(site.get(address)).all("h2")[0].text == "Morning Briefing"
    make_older(site)
    assert only_form(site.get(address)).all("h2")[0].text == "Before breakfast"


def test_the_last_words_stay_while_the_service_is_away(site: WordPress, live: str, newsletter: Newsletter) -> None:
    site.choose(service=live)
    address = site.publish("[post_signup]")
    site.get(address)
    site.run("update_option( 'tests_service_is_away', 1 );")
    make_older(site)
    assert only_form(site.get(address)).all("h2")[0].text == "Morning Briefing"


def make_older(site: WordPress) -> None:
    """As if the answers that are remembered were six minutes older."""
    site.run("""
        $all = get_transient( 'postroom_signup_words' );
        foreach ( $all as &$each ) { $each['until'] -= 6 * MINUTE_IN_SECONDS; }
        set_transient( 'postroom_signup_words', $all, DAY_IN_SECONDS );
    """)


@pytest.fixture
def silent_service() -> Iterator[tuple[str, list[str]]]:
    """A service that takes questions and answers none in time; what it was asked."""
    asked: list[str] = []
    closing = threading.Event()

    class Silence(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            closing.wait(20)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silence)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    closing.set()
    server.shutdown()
    server.server_close()


def test_one_reader_in_a_minute_waits_for_a_silent_service(
    site: WordPress, silent_service: tuple[str, list[str]], database_url: str
) -> None:
    service, asked = silent_service
    site.choose(service=service)
    address = site.publish("[post_signup]")
    began = time.monotonic()
    form = only_form(site.get(address))
    assert time.monotonic() - began < 5
    assert form.all("button")[0].text == "Sign up"
    for _ in range(3):
        site.get(address)
    assert asked == ["/f/morning.json?form=main&language=en-US"]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        '"x"',
        '{"button": ["x"]}',
        '{"button": "x", "topics": "y"}',
        '{"button": "x", "topics": [1, {}]}',
    ],
)
def test_an_answer_that_is_none_of_ours_breaks_no_page(site: WordPress, answer: str, database_url: str) -> None:
    site.run(f"update_option( 'tests_answer', {php(answer)} );")
    form = only_form(site.get(site.publish("[post_signup]")))
    assert form.all("button")[0].text in ("Sign up", "x")


def section(site: WordPress, name: str, parent: int = 0) -> int:
    return int(site.run(f"return wp_insert_term( '{name}', 'category', array( 'parent' => {parent} ) )['term_id'];"))


def test_the_section_of_an_article_ticks_its_topics(site: WordPress, live: str, newsletter: Newsletter) -> None:
    sport = section(site, "Sport and games")
    football = section(site, "Football", sport)
    site.choose(service=live, place="end", topics={str(sport): ["sport", "gone"]})
    form = only_form(site.get(site.publish("A match.", post_category=[football])))
    assert [box.text.strip() for box in form.all("fieldset")[0].all("label")] == ["City", "Sport"]
    assert form.ticked() == ["sport"]
    by_hand = only_form(site.get(site.publish('[post_signup topics="city"]', post_category=[sport])))
    assert by_hand.ticked() == ["city"]


def test_an_article_of_no_mapped_section_asks_for_topics_when_the_form_does(
    site: WordPress, live: str, session: Session, newsletter: Newsletter
) -> None:
    site.choose(service=live, place="end")
    assert only_form(site.get(site.publish("A story."))).all("fieldset") == []
    change(session, newsletter, topics=1)
    site.choose(service=live, place="end")
    assert only_form(site.get(site.publish("A story."))).ticked() == ["city"]


def test_topics_are_sent_unseen_while_nobody_knows_their_titles(site: WordPress, database_url: str) -> None:
    form = only_form(site.get(site.publish('[post_signup topics="city, sport"]')))
    assert form.all("fieldset") == []
    topics = [field.attributes["value"] for field in form.all("input") if field.attributes["name"] == "topic"]
    assert topics == ["city", "sport"]
