"""The sign-up doors under abuse: what passes, what costs a proof, what is answered and not heard."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from mailer.app import create_app
from mailer.config import Settings
from mailer.links import Links
from mailer.newsletters import flood
from mailer.newsletters.models import Form, Newsletter
from mailer.staff.models import AuditEvent, Role
from mailer.subscriptions.address import parse
from mailer.subscriptions.models import OwedLetter, Subscriber, Subscription, SubscriptionState, Suppression
from mailer.web.limits import WEIGHT
from mailer.web.readers import abuse, proof
from tests.conftest import SECRET
from tests.services.valkey import Valkey
from tests.subscriptions.making import make_newsletter
from tests.web.staffroom import log_in
from tests.web.test_proof import solve

JSON = {"Accept": "application/json"}
REF = "a-secret-of-22-letters"
ABROAD = "81.2.69.160"
FEW = 8
"""Sign-ups a minute, in these tests."""


@pytest.fixture(autouse=True)
def newsletter(session: Session) -> Newsletter:
    return make_newsletter(session)


@pytest.fixture
def calm(client: FlaskClient) -> FlaskClient:
    """The doors with the usual figures."""
    return client


@pytest.fixture
def narrow(settings: Settings) -> Flask:
    """Doors that are soon too narrow."""
    return create_app(settings.model_copy(update={"signups_per_minute": FEW}))


def sign_up(
    client: FlaskClient, who: object = "mara", came_from: str = "127.0.0.1", to: str = "morning", **fields: Any
) -> dict[str, Any]:
    """A script's sign-up; what it is told."""
    data = {"email": f"{who}@ledger.example", "ref": REF, **fields}
    answer = client.post(f"/s/{to}", data=data, headers=JSON, environ_base={"REMOTE_ADDR": came_from})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.get_json()
    return told


def plain(client: FlaskClient, **fields: Any) -> TestResponse:
    """The same from a form without a script."""
    headers = {"Referer": "https://ledger.example/story"}
    return client.post("/s/morning", data={"email": "mara@ledger.example", **fields}, headers=headers)


def letters(session: Session) -> int:
    count = session.scalar(select(func.count()).select_from(OwedLetter)) or 0
    session.rollback()
    return count


def flooded(client: FlaskClient) -> dict[str, Any]:
    """Sign-ups until one has to be proven; what that one is told."""
    for number in range(10 * FEW):
        told = sign_up(client, number)
        if told["state"] == "proof":
            return told
    raise AssertionError("no flood was seen")


def form_id(session: Session) -> int:
    found = session.scalars(select(Form.id)).one()
    session.rollback()
    return found


class Fields(HTMLParser):
    """The fields of the form on a page, as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name"):
            self.found.append((str(given["name"]), given.get("value") or ""))


def test_a_field_that_people_do_not_see_is_answered_and_not_heard(calm: FlaskClient, session: Session) -> None:
    heard = sign_up(calm)
    assert letters(session) == 1
    assert sign_up(calm, website="https://pills.example") == heard
    assert letters(session) == 1


@pytest.mark.parametrize(
    ("started", "state"), [("900", "proof"), ("2400", "pending"), ("", "pending"), ("soon", "pending")]
)
def test_who_is_faster_than_hands_is_asked_for_a_proof(calm: FlaskClient, started: str, state: str) -> None:
    assert sign_up(calm, started=started)["state"] == state


def test_one_address_is_heard_a_few_times_and_answered_as_ever(calm: FlaskClient, session: Session) -> None:
    told = [sign_up(calm, came_from=f"81.2.{number}.1") for number in range(abuse.PER_ADDRESS.amount + 5)]
    assert told == [told[0]] * len(told)
    assert told[0]["state"] == "pending"
    assert letters(session) == abuse.PER_ADDRESS.amount
    assert sign_up(calm, "jonas")["state"] == "pending"
    assert letters(session) == abuse.PER_ADDRESS.amount + 1


def test_a_proof_opens_no_address_that_had_enough(calm: FlaskClient, session: Session) -> None:
    told = sign_up(calm, started="10")
    for _ in range(abuse.PER_ADDRESS.amount):
        sign_up(calm)
    before = letters(session)
    assert sign_up(calm, altcha=solve(told["challenge"]))["state"] == "pending"
    assert letters(session) == before


def test_many_from_one_line_are_asked_for_a_proof_and_others_are_not(calm: FlaskClient) -> None:
    states = [sign_up(calm, number, ABROAD)["state"] for number in range(abuse.PER_HOST.amount + 2)]
    assert states == ["pending"] * abuse.PER_HOST.amount + ["proof"] * 2
    assert sign_up(calm, "jonas", "185.12.64.1")["state"] == "pending"


def test_many_lines_of_one_network_are_asked_for_a_proof_and_another_network_is_not(
    calm: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abuse, "PER_NETWORK", replace(abuse.PER_NETWORK, amount=FEW))
    states = [sign_up(calm, number, f"81.2.69.{number}")["state"] for number in range(FEW + 2)]
    assert states == ["pending"] * FEW + ["proof"] * 2
    assert sign_up(calm, "jonas", "81.2.70.1")["state"] == "pending"


def test_all_forms_together_have_a_limit_though_none_is_at_its_own(narrow: Flask, session: Session) -> None:
    client = narrow.test_client()
    for number in range(abuse.FORMS_AT_ONCE):
        slug = make_newsletter(session, f"paper{number}", f"Paper {number}").slug
        session.commit()
        assert {sign_up(client, f"{slug}.{each}", to=slug)["state"] for each in range(FEW)} == {"pending"}
    told = sign_up(client)
    assert told["state"] == "proof"
    assert sign_up(client, altcha=solve(told["challenge"]))["state"] == "pending"
    forms = session.scalars(select(Form)).all()
    assert {form.proof_until for form in forms} == {None}


def test_readers_behind_a_proxy_that_says_nothing_are_not_one_reader(calm: FlaskClient) -> None:
    states = {sign_up(calm, number, "10.0.0.7")["state"] for number in range(abuse.PER_NETWORK.amount)}
    assert states == {"pending"}


def test_without_redis_the_doors_stay_quick_and_the_limits_hold(
    narrow: Flask, session: Session, broker: Valkey
) -> None:
    client = narrow.test_client()
    assert sign_up(client)["state"] == "pending"
    broker.kill()
    try:
        start = time.monotonic()
        states = [sign_up(client, number)["state"] for number in range(FEW)]
        same = [sign_up(client, altcha=solve(flooded(client)["challenge"]))["state"] for _ in range(6)]
        seconds = time.monotonic() - start
    finally:
        broker.start()
    assert states == ["pending"] * (FEW // WEIGHT) + ["proof"] * (FEW - FEW // WEIGHT)
    assert same == ["pending"] * 6
    assert letters(session) == 1 + FEW // WEIGHT + abuse.PER_ADDRESS.amount // WEIGHT
    assert seconds < 30  # on a busy machine; each waited two seconds for the queue before


def test_a_flood_puts_the_form_under_guard_once(narrow: Flask, session: Session) -> None:
    told = flooded(narrow.test_client())
    assert sign_up(narrow.test_client(), "late")["state"] == "proof"
    form = session.scalars(select(Form)).one()
    now = datetime.now(UTC)
    assert form.proof_until is not None
    assert timedelta(minutes=14) < form.proof_until - now < timedelta(minutes=16)
    (event,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "form.flooded"))
    assert (event.actor, event.subject) == ("sign-up", "morning/main")
    assert event.detail.startswith(f"{FEW + 1} sign-ups in this minute.")
    assert {"state", "ref", "email", "challenge"} <= told.keys()
    assert told["challenge"]["parameters"]["data"] == {"form": form.id}


def test_a_guard_is_prolonged_while_the_flood_lasts_and_ends_by_itself(session: Session) -> None:
    wanted, now = form_id(session), datetime.now(UTC)
    until = flood.guard(session, wanted, now)
    assert until == now + flood.LASTS
    assert flood.guard(session, wanted, now + timedelta(minutes=1)) is None
    later = now + timedelta(minutes=6)
    assert flood.guard(session, wanted, later) == later + flood.LASTS
    session.commit()
    (lasting,) = flood.lasting(session, later)
    assert (lasting.form, lasting.newsletter, lasting.until) == ("main", "Morning Briefing", later + flood.LASTS)
    assert flood.lasting(session, later + flood.LASTS) == []


def test_a_proof_opens_the_door_once(narrow: Flask, session: Session) -> None:
    client = narrow.test_client()
    payload = solve(flooded(client)["challenge"])
    before = letters(session)
    assert sign_up(client, "jonas", altcha=payload)["state"] == "pending"
    assert letters(session) == before + 1
    assert sign_up(client, "lea", altcha=payload)["state"] == "proof"
    assert letters(session) == before + 1


def test_a_proof_for_another_form_opens_nothing(narrow: Flask, session: Session) -> None:
    client = narrow.test_client()
    flooded(client)
    other = solve(proof.challenge(SECRET, form_id(session) + 1, datetime.now(UTC)))
    assert sign_up(client, "jonas", altcha=other)["state"] == "proof"


def test_the_page_carries_every_field_and_waiting_opens_the_door(narrow: Flask, session: Session) -> None:
    client = narrow.test_client()
    flooded(client)
    sent = {"topic": ["city", "sport"], "wording": "Send “it” to me.", "ref": REF, "form": "main"}
    page = plain(client, **sent)
    assert page.status_code == 200
    assert "One moment" in page.text
    found = Fields(page.text).found
    asked = {
        ("email", "mara@ledger.example"),
        ("topic", "city"),
        ("topic", "sport"),
        ("wording", "Send “it” to me."),
        ("ref", REF),
        ("form", "main"),
        ("page", "https://ledger.example/story"),
    }
    assert asked <= {*found}
    before = letters(session)
    early = client.post("/s/morning", data=as_data(found))
    assert "That was a little early" in early.text
    assert letters(session) == before
    assert dict(Fields(early.text).found)["ticket"] == dict(found)["ticket"]
    waited = proof.ticket(SECRET, form_id(session), datetime.now(UTC) - proof.WAIT)
    let_in = as_data([*((name, value) for name, value in found if name != "ticket"), ("ticket", waited)])
    assert "One moment" not in client.post("/s/morning", data=let_in).text
    assert letters(session) == before + 1
    assert "One moment" in client.post("/s/morning", data=let_in).text  # once
    assert letters(session) == before + 1


def as_data(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return found


def test_too_many_who_waited_wait_once_more(narrow: Flask, session: Session) -> None:
    client = narrow.test_client()
    flooded(client)
    wanted, old = form_id(session), datetime.now(UTC) - proof.WAIT
    tickets = [proof.ticket(SECRET, wanted, old) for _ in range(abuse.WAITED.amount + 1)]
    states = [sign_up(client, f"reader{number}", ticket=ticket)["state"] for number, ticket in enumerate(tickets)]
    assert states == ["pending"] * abuse.WAITED.amount + ["proof"]


def test_the_page_runs_our_script_only_and_says_nothing_a_stranger_wrote(narrow: Flask) -> None:
    client = narrow.test_client()
    flooded(client)
    page = plain(client, wording='"><script>alert(1)</script>', language='"><b>')
    assert "<script>alert" not in page.text
    assert "<b>" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize("headers", [JSON, {}], ids=["json", "page"])
def test_six_states_of_an_address_get_the_same_bytes(
    client: FlaskClient, session: Session, newsletter: Newsletter, headers: dict[str, str]
) -> None:
    _know_five(session, newsletter.id)
    said = set()
    for state in ("new", *KNOWN, "refused"):
        email = f"{state:x<10}@ledger.example"
        answer = client.post("/s/morning", data={"email": email, "ref": REF}, headers=headers)
        assert answer.status_code == 200
        said.add((answer.data.replace(email.encode(), b"THE ADDRESS"), str(answer.headers)))
    assert len(said) == 1


KNOWN = {
    "pending": SubscriptionState.PENDING,
    "active": SubscriptionState.ACTIVE,
    "left": SubscriptionState.UNSUBSCRIBED,
    "bounced": SubscriptionState.ACTIVE,
}


def _know_five(session: Session, newsletter_id: int) -> None:
    """A reader in each state but "new", whose address is the state's name, filled up with x."""
    now = datetime.now(UTC)
    for name, state in KNOWN.items():
        address = f"{name:x<10}@ledger.example"
        subscriber = Subscriber(address=address, address_key=address, created_at=now)
        moments = {"created_at": now, "requested_at": now}
        session.add(Subscription(subscriber=subscriber, newsletter_id=newsletter_id, state=state, **moments))
    for name in ("bounced", "refused"):
        session.add(Suppression(address_key=f"{name:x<10}@ledger.example", reason=name, created_at=now))
    session.commit()


def test_codes_mails_and_links_have_limits(calm: FlaskClient, app: Flask) -> None:
    mara, jonas = parse("mara@ledger.example"), parse("jonas@ledger.example")
    with app.test_request_context(environ_base={"REMOTE_ADDR": ABROAD}):
        assert [abuse.may_try_code(REF) for _ in range(abuse.PER_REF.amount + 1)][-2:] == [True, False]
        assert abuse.may_try_code("another-secret-of-this")
        assert [abuse.may_ask_again(REF, mara) for _ in range(abuse.AGAIN.amount + 1)][-2:] == [True, False]
        assert [abuse.may_mail_link(mara) for _ in range(abuse.LINKS.amount + 1)][-2:] == [True, False]
        assert abuse.may_mail_link(jonas)


def test_who_guesses_codes_of_many_pages_is_stopped_and_others_are_not(
    calm: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(abuse, "PER_GUESSER", replace(abuse.PER_GUESSER, amount=FEW))

    def guess(number: int, came_from: str) -> bool:
        """Try a code on a page of its own; whether it was compared."""
        data = {"email": "mara@ledger.example", "ref": f"{REF}-{number}", "code": "000000"}
        line = {"REMOTE_ADDR": came_from}
        answer = calm.post("/s/morning/code", data=data, headers=JSON, environ_base=line)
        return "That was too often" not in answer.get_json()["error"]

    assert [guess(number, ABROAD) for number in range(FEW + 2)] == [True] * FEW + [False] * 2
    assert guess(FEW, "81.2.69.161")


def test_operators_see_the_flood_and_its_figures(
    narrow: Flask, session: Session, links: Links, newsletter: Newsletter
) -> None:
    client = narrow.test_client()
    flooded(client)
    log_in(client, session, links, Role.OPERATOR)
    assert f"{newsletter.title}: {FEW + 1} sign-ups a minute through the form “main”" in client.get("/ops/").text
    families = {f.name: f for f in text_string_to_metric_families(client.get("/metrics").text)}
    counted = {s.labels["verdict"]: s.value for s in families["postroom_signups"].samples}
    assert counted == {"pass": FEW, "proof": 1}
