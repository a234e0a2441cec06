"""Whose wish decides the language of a page, and that the page says so."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.newsletters.making import make_newsletter


def read(client: FlaskClient, path: str, browser: str = "") -> str:
    return client.get(path, headers={"Accept-Language": browser}).text


@pytest.mark.parametrize(
    ("newsletter", "form", "browser", "begins"),
    [
        ("az", "ru", "de", '<html lang="ru" dir="ltr">'),
        ("az", "", "de", '<html lang="az" dir="ltr">'),
        ("ar", "", "de", '<html lang="ar" dir="rtl">'),
        ("pt", "", "de, en;q=0.5", '<html lang="de" dir="ltr">'),
        ("pt", "", "*", '<html lang="en" dir="ltr">'),
    ],
)
def test_the_form_decides_before_the_newsletter_and_that_before_the_browser(
    client: FlaskClient, session: Session, newsletter: str, form: str, browser: str, begins: str
) -> None:
    made = make_newsletter(session, language=newsletter)
    made.forms[0].language = form
    session.commit()
    assert begins in read(client, "/s/morning", browser)


def test_the_reader_s_own_wish_goes_before_all(client: FlaskClient, session: Session) -> None:
    make_newsletter(session, language="az")
    answer = client.post("/s/morning", data={"email": "mara", "language": "kk-KZ"})
    assert "Электрондық пошта мекенжайында @ белгісі болады" in answer.text


def test_a_page_of_no_newsletter_speaks_the_browser_s_language_and_tells_caches_so(client: FlaskClient) -> None:
    answer = client.get("/privacy", headers={"Accept-Language": "zh-CN, ar;q=0.9"})
    assert '<html lang="zh" dir="ltr">' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    assert "我们保存了您的哪些信息" in answer.text


def test_a_language_that_the_browser_refuses_is_not_taken(client: FlaskClient) -> None:
    assert '<html lang="es"' in read(client, "/privacy", "ru;q=0, es;q=0.1")


def test_an_error_is_told_to_readers_in_their_language_and_to_staff_in_english(client: FlaskClient) -> None:
    assert "Такой страницы нет" in read(client, "/nothing", "ru")
    told = client.get("/nothing", headers={"Accept-Language": "ru", "Accept": "application/json"}).json
    assert told is not None
    assert told["title"] == "Такой страницы нет"
    assert "There is no such page" in read(client, "/desk/nothing", "ru")
