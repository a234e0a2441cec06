"""The main job as in production: every command of the Procfile, PostgreSQL, Valkey, and an SMTP server not of ours."""

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from sqlalchemy import make_url

from mailer.embedded.ports import free as free_port
from tests.articles.making import item, rss
from tests.articles.outlet import outlet
from tests.conftest import SECRET
from tests.emails.wire import parsed, violations, way_out
from tests.embedded.house import status
from tests.flows.making import PATIENCE, adds_up, postroom
from tests.flows.processes import Sink, eventually, running, sink
from tests.services.smtp import Mail
from tests.services.valkey import valkey

MARA, JONAS = "mara@mail.example", "jonas@mail.example"
WORDING = "Send me the Morning Brief. I can stop any time."
FERRY, TRAMS, LIGHT = "The night ferry returns", "Trams & trolleys: “line four” opens", "Eleven flashes"


class Newsroom:
    """A service under its settings, its readers' mail, and a feed of one outlet."""

    def __init__(self, environ: dict[str, str], relay: Sink) -> None:
        self.environ, self.url, self.relay = environ, environ["PUBLIC_URL"], relay

    def cli(self, *words: str) -> Any:
        return postroom(*words, **self.environ)

    def mails(self, address: str, subject: str) -> list[Mail]:
        """What arrived for somebody. The last line of the ledger may be half written."""
        lines = [line for line in self.relay.ledger.read_text().splitlines(keepends=True) if line.endswith("\n")]
        rows = [row for row in map(json.loads, lines) if row["to"] == address]
        mails = [Mail(row["from"], row["to"], row["data"].encode()) for row in rows]
        return [mail for mail in mails if subject in mail.parsed["Subject"]]

    def mail(self, address: str, subject: str) -> Mail:
        """The one mail with this in its subject, as soon as it is there; the wire has its rules, whatever is in it."""
        eventually(lambda: self.mails(address, subject), PATIENCE, f"“{subject}” came to {address}")
        (mail,) = self.mails(address, subject)
        assert violations(mail.data) == []
        return mail

    def until_sent(self, issue_id: int) -> dict[str, Any]:
        """The receipt, once the issue is sent."""
        shown = ["issues", "show", str(issue_id)]
        eventually(lambda: self.cli(*shown)["state"] == "sent", PATIENCE, f"issue {issue_id} is sent")
        receipt: dict[str, Any] = self.cli("issues", "receipt", str(issue_id))
        assert adds_up(receipt)
        return receipt


@pytest.fixture
def database(postgres_server: str) -> Iterator[str]:
    """An empty database, as a hosting service gives it."""
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE postroom_story")
        yield make_url(postgres_server).set(database="postroom_story").render_as_string(hide_password=False)
        connection.execute("DROP DATABASE postroom_story WITH (FORCE)")


@pytest.fixture
def newsroom(database: str, tmp_path: Path) -> Iterator[Newsroom]:
    port = str(free_port())
    with valkey() as broker, sink(tmp_path) as relay:
        environ = {
            "PORT": port,
            "PUBLIC_URL": f"http://localhost:{port}",
            "DATABASE_URL": database,
            "REDIS_URL": broker.url,
            "SMTP_URL": relay.url,
            "SECRET_KEY": SECRET,
            "DATA_DIR": str(tmp_path / "data"),
            "ALLOW_PRIVATE_SOURCES": "true",  # the outlet is on this machine
        }
        opened = Newsroom(environ, relay)
        assert opened.cli("migrate") == {"migrated": True}
        with running(environ, tmp_path, "web", "worker", "beat"):
            eventually(lambda: _answers(opened.url), PATIENCE, "the house is well")
            yield opened


def _answers(url: str) -> bool:
    try:
        return status(f"{url}/healthz") == 200
    except OSError:
        return False


def post(url: str, **fields: str) -> str:
    """Post a form as a program does, without cookies; the answer must be final, a redirect is none."""
    request = urllib.request.Request(url, urlencode(fields).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status // 100 == 2
        assert answer.url == url
        assert answer.headers["Set-Cookie"] is None
        return str(answer.read().decode())


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_two_readers_one_leaves_and_the_second_issue_goes_to_the_other(newsroom: Newsroom) -> None:
    _open_a_newsletter(newsroom)
    for address in (MARA, JONAS):
        _sign_up_and_confirm(newsroom, address)
    with outlet() as paper:
        paper.feed("/feed.rss", rss(item(1, FERRY, "It sails at nine."), item(2, TRAMS)))
        newsroom.cli("sources", "add", "morning-brief", f"{paper.url}/feed.rss")
        first = _send_what_is_new(newsroom)
        _leave_with_one_click(newsroom, first)
        receipt = newsroom.until_sent(first)
        assert (receipt["audience"], receipt["accepted"], receipt["skipped"]) == (2, 2, {})
        paper.feed("/feed.rss", rss(item(3, LIGHT), item(1, FERRY, "It sails at nine."), item(2, TRAMS)))
        second = _send_what_is_new(newsroom)
    mail = newsroom.mail(JONAS, LIGHT)
    assert TRAMS not in mail.text  # he had it
    receipt = newsroom.until_sent(second)
    assert (receipt["audience"], receipt["accepted"], receipt["skipped"]) == (1, 1, {})
    assert newsroom.mails(MARA, LIGHT) == []
    assert status(f"{newsroom.url}/healthz") == 200


def _open_a_newsletter(newsroom: Newsroom) -> None:
    sender = "The Ledger <brief@ledger.example>"
    options = ("--title", "Morning Brief", "--from", sender, "--postal-address", "Quayside 4, Port Aster")
    assert newsroom.cli("newsletters", "add", "morning-brief", *options)["slug"] == "morning-brief"


def _sign_up_and_confirm(newsroom: Newsroom, address: str) -> None:
    answer = post(f"{newsroom.url}/s/morning-brief", email=address, wording=WORDING, page="https://ledger.example/1")
    assert "One more step" in answer
    mail = newsroom.mail(address, "is your code for Morning Brief")
    link = re.search(rf"{newsroom.url}/c/\S+", mail.text)
    assert link is not None, mail.text
    assert "You're in" in post(link[0]).replace("&#39;", "'")


def _send_what_is_new(newsroom: Newsroom) -> int:
    (polled,) = newsroom.cli("sources", "poll", "morning-brief")
    assert polled["error"] == ""
    issue_id = int(newsroom.cli("issues", "draft", "morning-brief")["id"])
    assert newsroom.cli("issues", "send", str(issue_id))["asked"]
    return issue_id


def _leave_with_one_click(newsroom: Newsroom, issue_id: int) -> None:
    mail = newsroom.mail(MARA, TRAMS)
    message = parsed(mail.data)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "Morning Brief <morning-brief.localhost>"
    assert message["Message-ID"] != parsed(newsroom.mail(JONAS, TRAMS).data)["Message-ID"]
    assert message["To"] == mail.recipient == MARA
    assert mail.sender == "brief@ledger.example"
    for body in (mail.text, mail.html):
        assert "Quayside 4, Port Aster" in body
        assert FERRY in body
    link = way_out(message)
    assert link in mail.text
    post(link, **{"List-Unsubscribe": "One-Click"})
    (subscription,) = newsroom.cli("subscribers", "show", MARA)["subscriptions"]
    assert (subscription["state"], subscription["unsubscribed_issue"]) == ("unsubscribed", issue_id)
    assert [proof["event"] for proof in subscription["consent"]] == ["requested", "confirmed", "unsubscribed"]
    assert subscription["consent"][0]["wording"] == WORDING
