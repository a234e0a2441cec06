"""The page “Look”: logo, colours, footer, and templates that editors bring; and the shape of a draft."""

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from sqlalchemy.orm import Session

from mailer.digests import own_templates
from mailer.emails.rendering import TEMPLATES
from mailer.links import Links
from mailer.newsletters.models import Newsletter
from tests.services.browser import barriers, follow
from tests.web.newsroom import draft_issue, fresh, open_newsroom
from tests.web.staffroom import log_in, login_path, press

Fields = dict[str, str | int]

LOOK = "/desk/newsletters/morning/look"
TEMPLATE = f"{LOOK}/template"
HTML = (TEMPLATES.parent / "own" / "example.html").read_text()
TEXT = (TEMPLATES.parent / "own" / "example.txt").read_text()


@pytest.fixture
def newsletter(client: FlaskClient, session: Session, links: Links) -> Newsletter:
    made = open_newsroom(session)
    log_in(client, session, links)
    return made


def test_a_look_is_kept_and_every_mail_has_it(client: FlaskClient, session: Session, newsletter: Newsletter) -> None:
    issue = draft_issue(session, newsletter)
    fields = {
        "logo_url": "https://ledger.example/logo.png",
        "accent": "8A1C3B",
        "accent_dark": "",
        "footer": "One\n\nTwo ",
    }
    assert press(client, LOOK, LOOK, **fields).status_code == 303
    session.expire_all()
    assert (newsletter.accent, newsletter.footer) == ("#8a1c3b", "One\nTwo")
    mail = client.get(f"/desk/issues/{issue.id}/preview").text
    assert "background:#8a1c3b" in mail
    assert 'src="https://ledger.example/logo.png" width="220" alt="Morning Briefing"' in mail
    assert mail.index(">One<") < mail.index(">Two<")


def test_a_colour_that_cannot_be_read_is_refused_and_the_nearest_offered(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    refused = press(client, LOOK, LOOK, accent="#ffd400", logo_url="", accent_dark="#123", footer="")
    assert refused.status_code == 422
    assert "has a contrast of" in refused.text
    assert 'data-take="accent"' in refused.text
    assert 'value="#ffd400"' in refused.text
    session.expire_all()
    assert newsletter.accent == ""


def test_the_answer_about_a_colour_comes_while_it_is_tried_and_nothing_is_kept(
    client: FlaskClient, newsletter: Newsletter
) -> None:
    assert "It can be read" in client.get(f"{LOOK}/contrast?accent=%230f6172").text
    assert "Write a colour" in client.get(f"{LOOK}/contrast?accent=blue").text
    assert "background:#8a1c3b" in client.get(f"{LOOK}/preview?accent=%238a1c3b").text
    assert "background:#8a1c3b" not in client.get(f"{LOOK}/preview").text


def stored(session: Session) -> list[tuple[int, int, bool]]:
    """Id, version and activity of the newest versions; no transaction stays open, or the web would wait."""
    session.expire_all()
    found = [(each.id, each.version, each.active) for each in own_templates.newest(session, 1)]
    session.rollback()
    return found


def save(client: FlaskClient, **given: str) -> tuple[int, str]:
    fields = {"name": "evening", "kind": "html", "html": HTML, "text": TEXT, **given}
    answer = press(client, TEMPLATE, TEMPLATE, **fields)
    return answer.status_code, answer.text


def test_a_template_is_tried_kept_changed_and_retired(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    issue = draft_issue(session, newsletter)
    desk = f"/desk/issues/{issue.id}"
    tried = press(client, TEMPLATE, f"{TEMPLATE}/try", kind="html", html=HTML, text=TEXT)
    assert "<h1" in tried.text
    assert "unsafe-inline" in tried.headers["Content-Security-Policy"]
    assert stored(session) == []
    assert save(client)[0] == 303
    assert press(client, desk, f"{desk}/look", look="evening", version=1).status_code == 303
    assert fresh(session, issue).template == "own"
    assert save(client, html=HTML.replace("24px", "25px"))[0] == 303
    newest = fresh(session, issue).own_template_id
    assert stored(session) == [(newest, 2, True)]
    assert "padding: 25px" in client.get(f"{desk}/preview").text
    assert press(client, LOOK, f"{TEMPLATE}/evening/retire").status_code == 303
    assert stored(session) == [(newest, 2, False)]
    assert fresh(session, issue).own_template_id == newest


def test_a_template_that_cannot_print_is_not_kept_and_says_the_line(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    line = HTML[: HTML.index("<h1>")].count("\n") + 1
    status, page = save(client, html=HTML.replace("<h1>", "<script>x</script>\n<h1>"))
    assert status == 422
    assert f"Line {line}: &lt;script&gt; may not stand in a mail." in page
    tried = press(client, TEMPLATE, f"{TEMPLATE}/try", kind="html", html="{% if %}", text=TEXT)
    assert "Line 1:" in tried.text
    assert save(client, name="digest")[0] == 422
    assert stored(session) == []


def test_an_article_gets_a_section_and_a_layout_and_an_issue_its_advertisement(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    issue = draft_issue(session, newsletter)
    page, item = f"/desk/issues/{issue.id}", issue.articles[1].id
    place: Fields = {"heading": " Harbour ", "layout": "brief", "picture_alt": "", "version": 1}
    assert press(client, page, f"{page}/articles/{item}/place", **place).status_code == 303
    sold: Fields = {
        "title": "Kestrel Bank",
        "text": "For sailors.",
        "url": "https://bank.example",
        "picture_url": "",
        "version": 2,
    }
    assert press(client, page, f"{page}/advertisement", **sold).status_code == 303
    mail = client.get(f"{page}/preview").text
    assert mail.index(">Harbour<") < mail.rindex(issue.articles[1].title)
    assert 'class="ad"' in mail
    wrong = press(client, page, f"{page}/advertisement", **{**sold, "url": "javascript:x", "version": 3})
    assert wrong.status_code == 303
    assert "Nothing was changed" in client.get(page).text
    assert fresh(session, issue).ad_url == "https://bank.example"


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_editor_tries_a_colour_and_a_template(browser: Browser, live: str, session: Session, links: Links) -> None:
    newsletter = open_newsroom(session)
    title = newsletter.title
    draft_issue(session, newsletter)
    session.commit()  # who has read keeps SQLite from the server
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(live + login_path(session, links))
    follow(page.get_by_role("button"))
    page.goto(live + LOOK)
    page.get_by_label("Colour on light").fill("#ffd400")
    page.get_by_role("button", name="Take #").click()
    expect(page.locator("#verdicts li").first).to_contain_text("It can be read")
    for size in (1280, 320):
        page.set_viewport_size({"width": size, "height": 900})
        found = barriers(page)
        assert not found.response["violations"], found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") == size
    page.goto(live + TEMPLATE)
    page.get_by_role("button", name="Try it").click()
    expect(page.frame_locator("[name=trial]").locator("h1")).to_have_text(title, timeout=30_000)
    found = barriers(page)
    assert not found.response["violations"], found.generate_report()
    page.close()
