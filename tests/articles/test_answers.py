"""What addresses answer, asked over loopback HTTP."""

import pytest

from mailer.articles.answers import LATE, Question, about_picture, answers
from mailer.articles.answers import Answer as Found
from tests.articles.outlet import Answer, Outlet

HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(own: str = "", status: int = 200) -> Answer:
    link = f'<link rel="canonical" href="{own}">' if own else ""
    return Answer(f"<html><head>{link}</head><body>Tram</body></html>".encode(), status, HTML)


def asked(outlet: Outlet, *paths: str, in_full: bool = False, picture: str = "") -> list[Found]:
    questions = [Question(number, outlet.url + path, picture, in_full) for number, path in enumerate(paths)]
    return sorted(answers(questions, allow_private=True, base_url=""), key=lambda answer: answer.article_id)


@pytest.mark.parametrize("status", [404, 410])
def test_an_article_is_gone_only_when_a_full_reading_says_so(outlet: Outlet, status: int) -> None:
    outlet.serve("/gone", page(status=status))
    outlet.serve("/shy", Answer(status=404), page())  # to HEAD it says that there is nothing
    gone, shy = asked(outlet, "/gone", "/shy")
    assert gone.gone is True
    assert gone.problem.endswith(f"(HTTP {status})")
    assert (shy.gone, shy.problem) == (False, "")


@pytest.mark.parametrize("status", [403, 405, 429, 500, 503])
def test_any_other_trouble_says_nothing_about_the_article(outlet: Outlet, status: int) -> None:
    outlet.serve("/trouble", page(status=status))
    (answer,) = asked(outlet, "/trouble")
    assert answer.gone is None
    assert answer.problem.endswith(f"(HTTP {status})")


def test_a_page_is_read_only_where_it_has_to_be(outlet: Outlet) -> None:
    outlet.serve("/tram", page(f"{outlet.url}/own"))
    assert asked(outlet, "/tram")[0].own_url == f"{outlet.url}/tram"
    assert asked(outlet, "/tram", in_full=True)[0].own_url == f"{outlet.url}/own"
    assert len(outlet.asked["/tram"]) == 2


def test_a_forwarded_address_tells_its_own(outlet: Outlet) -> None:
    outlet.serve("/old", Answer(status=301, headers={"Location": "/new"}))
    outlet.serve("/home", Answer(status=302, headers={"Location": "/"}))
    outlet.serve("/new", page())
    outlet.serve("/", page())
    moved, taken_down = asked(outlet, "/old", "/home")
    assert (moved.gone, moved.own_url) == (False, f"{outlet.url}/new")
    assert (taken_down.gone, taken_down.problem) == (None, "It leads to the front page of its site now.")


@pytest.mark.parametrize(
    ("content_type", "size", "problem"),
    [
        ("image/jpeg", 1_000_000, ""),
        ("Image/PNG; x=y", 1, ""),
        ("image/gif", 1_340_000, "The picture has 1.3 MB; readers on the road wait for it."),
        ("image/webp", 1, "The picture is of a kind that some mail programs do not show (image/webp)."),
        ("text/html", 1, "The picture is of a kind that some mail programs do not show (text/html)."),
        ("", 1, "The picture is of a kind that some mail programs do not show (not named)."),
    ],
)
def test_a_picture_for_mail_is_of_a_kind_that_is_shown_and_not_too_large(
    content_type: str, size: int, problem: str
) -> None:
    assert about_picture(content_type, size) == problem


def test_a_picture_for_mail_has_https_and_can_be_loaded(outlet: Outlet) -> None:
    outlet.serve("/tram", page())
    (plain,) = asked(outlet, "/tram", picture=f"{outlet.url}/p.jpg")
    assert plain.picture_problem == "The picture has no https, so some mail programs do not show it."
    (broken,) = asked(outlet, "/tram", picture=f"{outlet.url}/p.jpg".replace("http:", "https:"))
    assert broken.picture_problem.startswith("The picture cannot be loaded: The server")


def test_addresses_that_there_is_no_time_for_are_said_to_be_left(
    outlet: Outlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailer.articles.answers.SECONDS", 0.5)
    (answer,) = asked(outlet, "/tram", picture="https://ledger.example/p.jpg")
    assert (answer.gone, answer.problem, answer.picture_problem) == (None, LATE, "")
    assert outlet.asked["/tram"] == []
