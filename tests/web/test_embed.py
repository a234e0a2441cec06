"""The script, the frame and oEmbed, as programs and browsers ask for them."""

import gzip
import json
import re
from base64 import b64encode
from hashlib import sha384

import brotli
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.config import Settings
from mailer.newsletters import forms
from mailer.newsletters.models import Newsletter
from mailer.subscriptions.models import ConsentRecord
from mailer.web.embed import script
from tests.subscriptions.making import make_newsletter

BUDGET = 3 * 1024
"""Bytes of the script as a publisher's readers load it."""


@pytest.fixture
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


def test_the_script_keeps_its_budget() -> None:
    assert len(brotli.compress(script.read().plain)) <= BUDGET


def test_the_script_may_be_loaded_by_any_site_and_kept_for_an_hour(client: FlaskClient) -> None:
    answer = client.get("/e/1.js")
    assert answer.data == script.read().plain
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "public, max-age=3600, stale-while-revalidate=86400"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


def test_the_script_travels_compressed_and_not_at_all_when_it_is_known(client: FlaskClient) -> None:
    answer = client.get("/e/1.js", headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(answer.data) == script.read().plain
    again = {"Accept-Encoding": "gzip, br", "If-None-Match": answer.headers["ETag"]}
    assert client.get("/e/1.js", headers=again).status_code == 304
    assert client.get("/e/1.js").headers["ETag"] != answer.headers["ETag"]


def test_a_site_can_ask_for_these_very_bytes(client: FlaskClient) -> None:
    now = script.read()
    answer = client.get(f"/e/1.{now.digest}.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert now.integrity == "sha384-" + b64encode(sha384(answer.data).digest()).decode()
    assert client.get("/e/1.0123456789abcdef.js").status_code == 404


def test_the_proof_of_work_may_be_loaded_by_any_site(client: FlaskClient) -> None:
    answer = client.get("/e/proof.js")
    assert b"export" in answer.data
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_form_may_be_framed_by_the_sites_it_is_made_for(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    assert "frame-ancestors *" in client.get("/f/morning").headers["Content-Security-Policy"]
    newsletter.forms[0].origins = "https://ledger.example\nhttps://sport.example"
    session.commit()
    policy = client.get("/f/morning").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' https://ledger.example https://sport.example;" in policy
    assert "frame-ancestors 'none'" in client.get("/f/morning?full=1").headers["Content-Security-Policy"]


def test_a_frame_holds_the_whole_form(client: FlaskClient, settings: Settings, newsletter: Newsletter) -> None:
    answer = client.get("/f/morning?theme=auto&font=serif")
    assert f'action="{settings.base_url}/s/morning"' in answer.text
    assert 'data-theme="auto" data-font="serif"' in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in answer.headers


def inputs(page: str, name: str) -> list[str]:
    """The input fields of this name, as they are written."""
    return re.findall(f'<input [^>]*name="{name}"[^>]*>', page)


@pytest.mark.parametrize("full", ["", "&full=1"])
def test_the_section_of_an_article_is_ticked_instead_of_the_form_s_topics(
    client: FlaskClient, session: Session, newsletter: Newsletter, full: str
) -> None:
    assert inputs(client.get(f"/f/morning?{full}").text, "topic") == []
    newsletter.forms[0].topics = 1
    session.commit()
    for query, ticked in (
        ("", [True, False]),
        ("topic=sport", [False, True]),
        ("topic=city&topic=sport", [True, True]),
        ("topic=weather", [True, False]),
    ):
        found = inputs(client.get(f"/f/morning?{query}{full}").text, "topic")
        assert ["checked" in field for field in found] == ticked


def test_a_form_that_does_not_ask_does_when_a_section_is_named(client: FlaskClient, newsletter: Newsletter) -> None:
    found = inputs(client.get("/f/morning?topic=sport").text, "topic")
    assert ["checked" in field for field in found] == [False, True]


@pytest.mark.parametrize("full", ["", "&full=1"])
def test_a_frame_speaks_the_language_of_the_page_and_its_version_is_kept(
    client: FlaskClient, session: Session, newsletter: Newsletter, full: str
) -> None:
    page = client.get(f"/f/morning?language=ru-RU{full}").text
    assert '<html lang="ru" dir="ltr"' in page
    assert '<post-signup lang="ru"' in page
    sent = {name: inputs(page, name)[0].rpartition('value="')[2][:-2] for name in ("form", "wording", "language")}
    assert sent["wording"] == forms.words(newsletter.forms[0], "ru").wording
    session.commit()
    assert '<html lang="ru"' in client.post("/s/morning", data={"email": "mara@ledger.example", **sent}).text
    record = session.scalars(select(ConsentRecord)).one()
    assert (record.wording, record.form_version) == (sent["wording"], 1)


@pytest.mark.parametrize("language", ["", "tlh", "%00", "x" * 5_000])
def test_a_language_that_nobody_speaks_here_is_no_wish(
    client: FlaskClient, newsletter: Newsletter, language: str
) -> None:
    assert '<post-signup lang="en"' in client.get(f"/f/morning?language={language}").text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/s/%00", 404),
        ("/f/%00", 404),
        ("/f/morning?form=%00", 200),
        ("/f/morning.json?form=%00", 200),
        ("/oembed?url={base}/f/morning%3Fform=%2500", 200),
    ],
)
def test_names_that_no_database_can_hold_are_answered(
    client: FlaskClient, newsletter: Newsletter, path: str, status: int
) -> None:
    assert client.get(path.replace("{base}", _base(client))).status_code == status


def test_a_frame_of_a_newsletter_that_takes_nobody_says_so(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    newsletter.takes_readers = False
    session.commit()
    for path in ("/f/morning", "/f/evening"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert "Nobody can sign up here" in answer.text
        assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]


def test_the_answer_to_a_post_may_stand_in_the_frame_it_came_from(client: FlaskClient, newsletter: Newsletter) -> None:
    answer = client.post("/s/morning", data={"email": "mara@ledger.example"})
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get("/s/morning").headers["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["", "?full=1", "?form=main"])
def test_a_pasted_link_becomes_the_frame(
    client: FlaskClient, settings: Settings, newsletter: Newsletter, query: str
) -> None:
    address = f"{settings.base_url}/f/morning"
    assert 'type="application/json+oembed"' in client.get("/f/morning").text
    answer = client.get("/oembed", query_string={"url": address + query, "maxwidth": 500})
    said = json.loads(answer.data)
    assert (said["version"], said["type"], said["width"]) == ("1.0", "rich", 500)
    assert said["html"].startswith(f'<iframe src="{address}" title="Morning Briefing" width="500" ')
    assert said["provider_name"] == "The Harbour Ledger"


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://elsewhere.example/f/morning", 404),
        ("/f/morning", 404),
        ("", 404),
        ("{base}/f/evening", 404),
        ("https://[", 404),
        ("http://℀.com", 404),
    ],
)
def test_other_addresses_embed_nothing(
    client: FlaskClient, settings: Settings, newsletter: Newsletter, url: str, status: int
) -> None:
    answer = client.get("/oembed", query_string={"url": url.replace("{base}", settings.base_url)})
    assert answer.status_code == status


def test_oembed_is_spoken_in_json_only(client: FlaskClient, settings: Settings, newsletter: Newsletter) -> None:
    query = {"url": f"{settings.base_url}/f/morning", "format": "xml"}
    assert client.get("/oembed", query_string=query).status_code == 501


def test_words_of_an_editor_cannot_leave_their_place(
    client: FlaskClient, session: Session, newsletter: Newsletter
) -> None:
    newsletter.forms[0].heading = '"><script>alert(1)</script>'
    session.commit()
    assert "<script>alert" not in client.get("/f/morning").text
    said = json.loads(client.get("/oembed", query_string={"url": f"{_base(client)}/f/morning"}).data)
    assert "<script>alert" not in said["html"]


def _base(client: FlaskClient) -> str:
    base: str = client.application.extensions["settings"].base_url
    return base
