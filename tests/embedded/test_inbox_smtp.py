import smtplib
import socket
from pathlib import Path

import pytest

from mailer.config import Relay
from mailer.emails.smtp import Envelope, Outcome, send_one
from mailer.embedded.inbox.store import Arrival, Store
from tests.embedded.making import a_mail, inbox


def store_of(folder: Path) -> Store:
    return Store(folder / "inbox.sqlite")


def test_a_mail_is_kept_as_it_came_in(tmp_path: Path) -> None:
    with inbox(tmp_path) as box:
        box.put(a_mail(text=".a line that begins with a dot\n..and one with two\n"))
    (kept,) = store_of(tmp_path).newest(10)
    assert (kept.sender, kept.recipient) == ("brief@ledger.example", "mara@example.org")
    assert b"\r\n.a line that begins with a dot\r\n..and one with two\r\n" in kept.data


def test_a_mail_to_two_readers_is_kept_for_each(tmp_path: Path) -> None:
    with inbox(tmp_path) as box, smtplib.SMTP("127.0.0.1", box.port) as client:
        client.sendmail("", ["mara@example.org", "səbinə@example.org"], b"Subject: x\r\n\r\n", ["SMTPUTF8"])
    assert [kept.recipient for kept in store_of(tmp_path).newest(10)] == ["səbinə@example.org", "mara@example.org"]


def test_a_mail_of_nothing_ends_too(tmp_path: Path) -> None:
    with inbox(tmp_path) as box, smtplib.SMTP("127.0.0.1", box.port) as client:
        client.helo("here")
        client.mail("a@example.org")
        client.rcpt("b@example.org")
        client.putcmd("data")
        assert client.getreply()[0] == 354
        client.send(b".\r\n")
        assert client.getreply()[0] == 250
    assert store_of(tmp_path).newest(1)[0].data == b""


def test_a_whole_flight_of_commands_is_answered_in_order(tmp_path: Path) -> None:
    flight = b"EHLO x\r\nMAIL FROM:<a@example.org> SIZE=9 BODY=8BITMIME\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
    body = b"Subject: x\r\n\r\nhello\r\n.\r\n"
    with inbox(tmp_path) as box, socket.create_connection(("127.0.0.1", box.port)) as connection:
        replies = connection.makefile("rb")
        connection.sendall(flight + body + b"NOOP\r\nRSET\r\nBDAT 1\r\nQUIT\r\n")
        codes = [line[:3] for line in replies if line[3:4] == b" "]
    assert codes == [b"220", b"250", b"250", b"250", b"354", b"250", b"250", b"250", b"502", b"221"]


@pytest.mark.parametrize("command", ["RCPT TO:<b@example.org>", "DATA", "MAIL FROM: nobody", "MAIL", ""])
def test_a_command_out_of_place_is_refused_with_what_to_write(tmp_path: Path, command: str) -> None:
    with inbox(tmp_path) as box, smtplib.SMTP("127.0.0.1", box.port) as client:
        client.ehlo()
        client.putcmd(command)
        assert client.getreply()[0] in (501, 502, 503)
        assert client.noop()[0] == 250


def test_our_own_sender_and_the_inbox_understand_each_other(tmp_path: Path) -> None:
    with inbox(tmp_path) as box:
        relay = Relay.from_url(f"smtp://127.0.0.1:{box.port}?starttls=none")
        data = b"Subject: x\r\n\r\nhello\r\n"
        answers = [send_one(relay, Envelope("a@example.org", f"{n}@example.org", data)) for n in range(3)]
    assert [answer.outcome for answer in answers] == [Outcome.ACCEPTED] * 3
    assert store_of(tmp_path).count() == 3


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "inbox.sqlite", keep=5)
    for batch in range(4):
        store.add([Arrival(0, "a@example.org", f"{batch}-{n}@example.org", b"") for n in range(3)])
    assert [kept.recipient[:3] for kept in store.newest(99)] == ["3-2", "3-1", "3-0", "2-2", "2-1"]
    store.empty()
    assert store.count() == 0


def test_an_address_with_broken_bytes_stops_nobody(tmp_path: Path) -> None:
    with inbox(tmp_path) as box, socket.create_connection(("127.0.0.1", box.port)) as connection:
        connection.sendall(b"EHLO x\r\nMAIL FROM:<a\xff@example.org>\r\nRCPT TO:<b\xed\xa0\x80@example.org>\r\n")
        connection.sendall(b"DATA\r\n\xff\r\n.\r\nQUIT\r\n")
        assert b"250 2.0.0 Kept" in connection.makefile("rb").read()
    assert store_of(tmp_path).count() == 1
