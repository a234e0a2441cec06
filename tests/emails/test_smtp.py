"""The SMTP client against servers that behave, and servers that do not."""

import ssl
import subprocess
from collections import Counter

import pytest

from mailer.config import Relay
from mailer.emails.smtp import Answer, Envelope, Outcome, RelayDown, probe, send_many, send_one
from tests.services.scripted import CLOSE, SILENCE, Moment, Script, ScriptedRelay, scripted_relay
from tests.services.smtp import Mailbox

DATA = b"Subject: Good morning\r\n\r\nThe harbour is open.\r\n"


class Freight:
    """Messages to reader1, reader2, … and what became of each."""

    def __init__(self, count: int, data: bytes = DATA) -> None:
        self.left = list(range(count, 0, -1))
        self.data = data
        self.handed_keys: list[int] = []
        self.answers: dict[int, Answer] = {}

    def next(self) -> tuple[int, Envelope] | None:
        if not self.left:
            return None
        number = self.left.pop()
        return number, Envelope("briefing@ledger.example", f"reader{number}@mail.example", self.data)

    def handed(self, key: int) -> None:
        self.handed_keys.append(key)

    def answered(self, key: int, answer: Answer) -> None:
        assert key not in self.answers, "answered twice"
        self.answers[key] = answer

    def tick(self) -> None:
        pass

    def outcomes(self) -> Counter[Outcome]:
        return Counter(answer.outcome for answer in self.answers.values())


def deliver(script: Script, count: int, connections: int = 2, **how: object) -> tuple[Freight, ScriptedRelay]:
    freight = Freight(count)
    with scripted_relay(ScriptedRelay(script, **how)) as relay:  # type: ignore[arg-type]
        send_many(Relay.from_url(relay.url), freight, connections)
    return freight, relay


@pytest.mark.parametrize("extensions", [("PIPELINING",), ("8BITMIME",)], ids=["pipelined", "step by step"])
def test_every_message_arrives_once_over_few_connections(extensions: tuple[str, ...]) -> None:
    freight, relay = deliver(lambda _: None, 200, connections=4, extensions=extensions)
    assert freight.outcomes() == {Outcome.ACCEPTED: 200}
    assert sorted(relay.recipients()) == sorted(f"reader{n}@mail.example" for n in range(1, 201))
    assert {body for _, body in relay.ledger} == {DATA}
    assert relay.connections <= 4


def test_an_ordinary_server_takes_it(smtp: Mailbox) -> None:
    answer = send_one(Relay.from_url(smtp.url), Envelope("a@ledger.example", "mara@mail.example", DATA))
    assert answer.outcome is Outcome.ACCEPTED
    assert smtp.mails[0].data.replace(b"\r\n", b"\n") == DATA.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelined", "step by step"])
@pytest.mark.parametrize("phase", ["mail", "rcpt", "data", "dot"])
def test_a_refusal_is_nobody_elses(phase: str, extensions: tuple[str, ...]) -> None:
    def script(moment: Moment) -> str | None:
        return "550 5.1.1 No such reader" if (moment.phase, moment.message) == (phase, 3) else None

    freight, relay = deliver(script, 20, connections=1, extensions=extensions)
    assert freight.outcomes() == {Outcome.ACCEPTED: 19, Outcome.REFUSED: 1}
    assert freight.answers[3] == Answer(Outcome.REFUSED, 550, "5.1.1 No such reader")
    assert len(relay.ledger) == 19


def test_a_relay_that_says_354_after_refusing_the_recipient_gets_no_text() -> None:
    def script(moment: Moment) -> str | None:
        if moment.message != 2:
            return None
        return {"rcpt": "550 5.1.1 Unknown", "dot": "554 5.5.1 No valid recipients"}.get(moment.phase)

    freight, _ = deliver(script, 5, connections=1, eager=True)
    assert freight.answers[2].text == "5.1.1 Unknown"
    assert freight.outcomes() == {Outcome.ACCEPTED: 4, Outcome.REFUSED: 1}
    assert 2 not in freight.handed_keys


@pytest.mark.parametrize(
    ("reply", "outcome"), [("451 4.7.1 Greylisted", Outcome.DEFERRED), ("552 Too many", Outcome.DEFERRED)]
)
def test_later_is_told_from_never(reply: str, outcome: Outcome) -> None:
    freight, _ = deliver(lambda m: reply if (m.phase, m.message) == ("rcpt", 1) else None, 2, connections=1)
    assert freight.answers[1].outcome is outcome


def test_only_the_message_whose_dot_had_no_answer_is_uncertain() -> None:
    def script(moment: Moment) -> str | None:
        return CLOSE if moment.phase == "taken" and moment.recipient == "reader7@mail.example" else None

    freight, relay = deliver(script, 30, connections=2)
    assert freight.outcomes() == {Outcome.ACCEPTED: 29, Outcome.UNCERTAIN: 1}
    assert freight.answers[7].outcome is Outcome.UNCERTAIN
    assert sorted(relay.recipients()) == sorted(f"reader{n}@mail.example" for n in range(1, 31))


@pytest.mark.parametrize("phase", ["mail", "rcpt", "data"])
def test_a_connection_lost_before_the_body_harms_no_message(phase: str) -> None:
    broken: set[str] = set()

    def script(moment: Moment) -> str | None:
        if moment.phase == phase and moment.message == 4 and phase not in broken:
            broken.add(phase)
            return CLOSE
        return None

    freight, relay = deliver(script, 12, connections=1)
    assert freight.outcomes() == {Outcome.ACCEPTED: 12}
    assert len(relay.ledger) == 12


def test_a_large_message_cut_off_in_its_body_is_not_in_doubt() -> None:
    freight = Freight(1, DATA + (b"x" * 70 + b"\r\n") * 200_000)
    cuts = iter([CLOSE])

    def script(moment: Moment) -> str | None:
        return next(cuts, None) if moment.phase == "body" else None

    with scripted_relay(ScriptedRelay(script)) as relay:
        send_many(Relay.from_url(relay.url), freight, 1)
    assert freight.outcomes() == {Outcome.ACCEPTED: 1}
    assert len(relay.ledger) == 1


def test_421_slows_but_loses_nothing() -> None:
    def script(moment: Moment) -> str | None:
        return "421 4.3.2 Closing" if moment.phase == "mail" and moment.message == 6 else None

    freight, relay = deliver(script, 20, connections=2)
    assert freight.outcomes() == {Outcome.ACCEPTED: 20}
    assert len(relay.ledger) == 20


def test_a_message_that_kills_three_connections_is_put_off() -> None:
    def script(moment: Moment) -> str | None:
        return CLOSE if moment.phase == "rcpt" and moment.recipient == "reader2@mail.example" else None

    freight, _ = deliver(script, 6, connections=2)
    assert freight.outcomes() == {Outcome.ACCEPTED: 5, Outcome.DEFERRED: 1}
    assert freight.answers[2].outcome is Outcome.DEFERRED


def test_a_relay_that_is_down_harms_no_message() -> None:
    freight = Freight(10)
    with pytest.raises(RelayDown):
        send_many(Relay("127.0.0.1", 1), freight, 2)
    assert len(freight.left) == 10


def test_a_login_that_fails_harms_no_message() -> None:
    freight = Freight(3)
    relay = ScriptedRelay(lambda m: "535 5.7.8 Wrong" if m.phase == "auth" else None, ("PIPELINING", "AUTH PLAIN"))
    with scripted_relay(relay), pytest.raises(RelayDown, match="535"):
        send_many(Relay("127.0.0.1", relay.port, "lea", "pass", "none"), freight, 1)
    assert len(freight.left) == 3


def test_silence_after_the_dot_ends_in_doubt_within_the_limit() -> None:
    with scripted_relay(ScriptedRelay(lambda m: SILENCE if m.phase == "taken" else None)) as relay:
        answer = send_one(Relay.from_url(relay.url), Envelope("a@b.example", "c@d.example", DATA), timeout=1)
    assert answer.outcome is Outcome.UNCERTAIN


def test_an_address_the_relay_cannot_carry_is_refused_alone() -> None:
    with scripted_relay(ScriptedRelay()) as relay:
        address = Relay.from_url(relay.url)
        assert send_one(address, Envelope("a@b.example", "mära@d.example", DATA)).outcome is Outcome.REFUSED
        assert send_one(address, Envelope("a@b.example", "m@d.example\r\nRCPT TO:<x", DATA)).outcome is Outcome.REFUSED
        assert send_one(address, Envelope("a@b.example", "mara@müller.example", DATA)).outcome is Outcome.ACCEPTED
    assert relay.recipients() == ["mara@xn--mller-kva.example"]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def test_opportunistic_tls_takes_any_certificate_and_required_tls_does_not(certificate: ssl.SSLContext) -> None:
    with scripted_relay(ScriptedRelay(extensions=("PIPELINING", "STARTTLS"), tls=certificate)) as relay:
        freight = Freight(50)
        send_many(Relay("127.0.0.1", relay.port, tls="opportunistic"), freight, 2)
        assert freight.outcomes() == {Outcome.ACCEPTED: 50}
        assert "STARTTLS" in relay.commands
        with pytest.raises(RelayDown, match=r"(?i)certificate"):
            probe(Relay("127.0.0.1", relay.port, tls="required"))


def test_required_tls_refuses_a_relay_without_it() -> None:
    with scripted_relay(ScriptedRelay()) as relay, pytest.raises(RelayDown, match="STARTTLS"):
        probe(Relay("127.0.0.1", relay.port, tls="required"))


def test_a_password_is_not_sent_in_clear() -> None:
    with scripted_relay(ScriptedRelay(extensions=("AUTH PLAIN",))) as relay, pytest.raises(RelayDown, match="clear"):
        probe(Relay("127.0.0.1", relay.port, "lea", "secret", "opportunistic"))
    assert not [command for command in relay.commands if command.startswith("AUTH")]


def test_the_password_stays_out_of_the_representation() -> None:
    assert "secret" not in repr(Relay.from_url("smtp://lea:secret@relay.example:587"))
