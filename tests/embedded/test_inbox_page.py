from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from mailer.embedded.inbox.page import make_page
from mailer.embedded.inbox.store import Arrival, Store
from tests.embedded.making import a_mail, inbox

HTML = """<!doctype html><html><head><title>x</title></head><body style="background:#fff">
<h1>The ferry is back</h1><a href="http://localhost:9/confirm">Confirm</a>
<script>document.title = "scripts run"; parent.location = "about:blank"</script>
<img src="x" onerror="document.body.innerHTML = 'scripts run'"></body></html>"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "inbox.sqlite")


@pytest.fixture
def page(store: Store) -> FlaskClient:
    return make_page(store).test_client()


def fill(store: Store, number: int) -> None:
    data = a_mail().as_bytes()
    store.add(
        [Arrival(1_700_000_000 + n, "brief@ledger.example", f"reader{n}@example.org", data) for n in range(number)]
    )


def test_the_list_shows_the_newest_first_and_pages_by_key(store: Store, page: FlaskClient) -> None:
    fill(store, 120)
    first = page.get("/").text
    assert "reader119@" in first
    assert "reader69@" not in first
    assert 'href="/?before=71"' in first
    assert "reader69@" in page.get("/?before=71").text
    assert "120 mails" in first


def test_mails_are_found_by_address(store: Store, page: FlaskClient) -> None:
    fill(store, 120)
    found = page.get("/?q=Reader7@").text
    assert "reader7@" in found
    assert "reader119@" not in found
    assert "No mail for or from" in page.get("/?q=%25").text


def test_a_mail_shows_its_parts_headers_and_source(store: Store, page: FlaskClient) -> None:
    mail = a_mail(subject="Səhər <b>", text="See http://localhost:8000/c/abc now", html="<p>Good morning</p>")
    store.add([Arrival(0, "brief@ledger.example", "mara@example.org", mail.as_bytes())])
    assert "Səhər &lt;b&gt;" in page.get("/1/").text
    assert 'src="/1/html"' in page.get("/1/").text
    assert '<a href="http://localhost:8000/c/abc" target="_blank"' in page.get("/1/text").text
    assert "The Ledger &lt;brief@ledger.example&gt;" in page.get("/1/headers").text
    assert "Content-Type: multipart/alternative" in page.get("/1/source").text
    assert page.get("/1/mail.eml").data == mail.as_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no header, only text",
        b"Subject: =?x-unknown?B?////?=\r\nFrom: <\r\nTo: @@;\r\n\r\n\xff",
        b"Content-Type: text/html; charset=x-unknown\r\n\r\n<p>\xff",
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\ncut of",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
    ],
)
def test_a_broken_mail_breaks_no_page(store: Store, page: FlaskClient, data: bytes) -> None:
    store.add([Arrival(0, "", "mara@example.org", data)])
    for path in ("/", "/1/", "/1/text", "/1/headers", "/1/source"):
        assert page.get(path).status_code == 200


def test_the_inbox_is_emptied_by_its_own_button_only(store: Store, page: FlaskClient) -> None:
    fill(store, 3)
    assert page.post("/empty", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert store.count() == 3
    assert page.post("/empty", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert store.count() == 0


def test_a_page_elsewhere_that_points_its_name_at_us_gets_nothing(store: Store, page: FlaskClient) -> None:
    fill(store, 1)
    assert page.get("/", headers={"Host": "evil.example:8003"}).status_code == 403
    assert page.get("/", headers={"Host": "127.0.0.1:8003"}).status_code == 200


@pytest.mark.browser
def test_a_mail_arrives_by_itself_and_its_scripts_do_not_run(tmp_path: Path, browser: Browser) -> None:
    with inbox(tmp_path) as box, browser.new_context() as context:
        page = context.new_page()
        troubles: list[str] = []
        page.on(
            "console", lambda message: troubles.append(message.text) if "Content Security" in message.text else None
        )
        page.goto(box.url)
        expect(page.get_by_text("No mail yet")).to_be_visible()
        box.put(a_mail(html=HTML))
        page.get_by_role("link", name="Morning Brief").click()
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="The ferry is back")).to_be_visible()
        with context.expect_page() as opened:
            frame.get_by_role("link", name="Confirm").click()
        assert "localhost:9" in opened.value.url or opened.value.url.startswith("chrome-error")
        assert page.url.endswith("/1/")
        expect(frame.get_by_text("scripts run")).to_have_count(0)
        page.get_by_role("link", name="All mails").click()
        page.get_by_role("button", name="Empty it").click()
        expect(page.get_by_text("No mail yet")).to_be_visible()
        assert troubles == []
