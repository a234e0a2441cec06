import gzip
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from mailer.articles import source
from mailer.articles.source import Fetched, FetchFailed, NotModified, fetch
from tests.articles.outlet import Answer, Handler, Outlet


def sentence(url: str, *, allow_private: bool = True, seconds: float = source.SECONDS) -> str:
    answer = fetch(url, allow_private=allow_private, seconds=seconds)
    assert isinstance(answer, FetchFailed)
    return answer.sentence


def test_a_document_comes_with_what_to_send_next_time(outlet: Outlet) -> None:
    headers = {"Content-Type": "text/xml; charset=windows-1251", "ETag": '"1"', "Last-Modified": "Mon, 1 Jan 2026"}
    url = outlet.serve("/feed", Answer(b"<rss/>", headers=headers))
    answer = fetch(url, allow_private=True)
    assert isinstance(answer, Fetched)
    assert (answer.data, answer.content_type) == (b"<rss/>", "text/xml; charset=windows-1251")
    assert (answer.etag, answer.last_modified, answer.final_url) == ('"1"', "Mon, 1 Jan 2026", url)
    assert answer.headers["etag"] == '"1"'


def test_we_say_who_asks(outlet: Outlet) -> None:
    fetch(outlet.serve("/feed", Answer()), allow_private=True, base_url="https://news.example")
    agent = outlet.asked["/feed"][0]["User-Agent"]
    assert agent.startswith("Postroom/")
    assert agent.endswith(" (+https://news.example)")


def test_what_did_not_change_is_not_sent_again(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(b"<rss/>", headers={"ETag": '"1"'}))
    assert fetch(url, '"1"', "Mon, 1 Jan 2026", allow_private=True) == NotModified()
    assert outlet.asked["/feed"][0]["If-Modified-Since"] == "Mon, 1 Jan 2026"


def test_what_cannot_be_sent_back_is_not_kept(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(headers={"ETag": '"' + "x" * 600 + '"', "Last-Modified": "d\xe9c"}))
    answer = fetch(url, allow_private=True)
    assert isinstance(answer, Fetched)
    assert (answer.etag, answer.last_modified) == ("", "")


def test_forwarding_is_followed_and_the_end_is_named(outlet: Outlet) -> None:
    outlet.serve("/a", Answer(status=301, headers={"Location": "b?x=1"}))
    outlet.serve("/b?x=1", Answer(status=302, headers={"Location": f"{outlet.url}/c"}))
    end = outlet.serve("/c", Answer(b"here"))
    answer = fetch(f"{outlet.url}/a", allow_private=True)
    assert isinstance(answer, Fetched)
    assert (answer.data, answer.final_url) == (b"here", end)


def test_forwarding_in_a_circle_ends(outlet: Outlet) -> None:
    url = outlet.serve("/a", Answer(status=307, headers={"Location": "/a"}))
    assert sentence(url) == "The address was forwarded more than 5 times."
    assert len(outlet.asked["/a"]) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://ledger.example/", "gopher://127.0.0.1/", "http://[x"])
def test_forwarding_out_of_the_web_is_refused(outlet: Outlet, target: str) -> None:
    url = outlet.serve("/a", Answer(status=302, headers={"Location": target}))
    assert sentence(url).startswith("The address is not one of the web")


def test_a_private_address_is_refused_unless_the_setting_lets_it(outlet: Outlet) -> None:
    url = outlet.serve("/", Answer(b"secret"))
    assert "private network" in sentence(url, allow_private=False)
    assert outlet.asked == {}
    assert isinstance(fetch(url, allow_private=True), Fetched)


def test_a_name_and_a_password_in_an_address_are_not_taken_along(outlet: Outlet) -> None:
    outlet.serve("/a", Answer(status=302, headers={"Location": outlet.url.replace("//", "//user:word@") + "/b"}))
    assert sentence(f"{outlet.url}/a").startswith("The address holds a name or a password")
    assert list(outlet.asked) == ["/a"]


def test_forwarding_into_a_private_network_is_refused(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    port = int(outlet.url.rpartition(":")[2])
    outlet.serve("/a", Answer(status=302, headers={"Location": f"http://localhost:{port}/secret"}))
    outlet.serve("/secret", Answer(b"secret"))
    _put_on_the_internet(monkeypatch, "9.9.9.9", port)
    assert sentence("http://9.9.9.9/a", allow_private=False).startswith("localhost lies in a private network")
    assert len(outlet.asked["/a"]) == 1
    assert "/secret" not in outlet.asked


def _put_on_the_internet(monkeypatch: pytest.MonkeyPatch, address: str, port: int) -> None:
    """Connections to a public address arrive at our outlet."""
    really = socket.create_connection

    def connect(to: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
        return really(("127.0.0.1", port) if to[0] == address else to, *arguments, **options)

    monkeypatch.setattr(socket, "create_connection", connect)


def test_a_name_is_looked_up_once_and_that_answer_is_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look-up could name another machine: here the first says public and the next would say loopback."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) > 1 else "2001:4860:4860::8888"
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))]

    connected: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert sentence("http://rebinding.example/", allow_private=False) == "rebinding.example does not take connections."
    assert (asked, connected) == (["rebinding.example"], ["2001:4860:4860::8888"])


def test_a_proxy_in_the_environment_is_not_used(outlet: Outlet, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, outlet.url)
    assert "private network" in sentence("http://127.0.0.1:1/", allow_private=False)
    assert outlet.asked == {}


def test_a_document_that_is_too_large_is_left(outlet: Outlet) -> None:
    assert sentence(outlet.serve("/feed", Answer(b"x" * 10_000_001))) == "The answer is larger than 10 MB."


def test_a_small_document_that_unpacks_without_end_is_left(outlet: Outlet) -> None:
    bomb = gzip.compress(b"\0" * 60_000_000, 1)
    url = outlet.serve("/feed", Answer(bomb, headers={"Content-Encoding": "gzip"}))
    assert sentence(url) == "The answer is larger than 10 MB."


def test_packed_in_packed_is_not_unpacked(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(b"x", headers={"Content-Encoding": "gzip, gzip"}))
    assert sentence(url) == "The answer is compressed more than once."


def test_broken_packing_is_said(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(b"not gzip", headers={"Content-Encoding": "gzip"}))
    assert sentence(url) == "The answer is compressed in a way that cannot be undone."


def test_packed_documents_are_unpacked(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(gzip.compress(b"<rss/>"), headers={"Content-Encoding": "gzip"}))
    answer = fetch(url, allow_private=True)
    assert isinstance(answer, Fetched)
    assert answer.data == b"<rss/>"


def drip(handler: Handler) -> None:
    while not handler.outlet.closing.wait(0.02):
        handler.wfile.write(b"x")


def silence(handler: Handler) -> None:
    handler.outlet.closing.wait(5)


@pytest.mark.parametrize("script", [drip, silence])
def test_the_whole_conversation_is_bounded_not_each_read(outlet: Outlet, script: Callable[[Handler], None]) -> None:
    url = outlet.serve("/feed", Answer(script=script))
    started = time.monotonic()
    assert sentence(url, seconds=0.3).startswith("The server did not finish its answer")
    assert time.monotonic() - started < 2


def test_headers_that_drip_are_bounded_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip_headers, args=(server,), daemon=True).start()
        started = time.monotonic()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert sentence(url, seconds=0.3).startswith("The server did not finish")
        assert time.monotonic() - started < 2


def _drip_headers(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection, suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while True:
            connection.sendall(b"x")
            time.sleep(0.01)


def test_a_server_that_wants_to_be_asked_later_is_heard(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(status=429, headers={"Retry-After": "90"}))
    assert fetch(url, allow_private=True) == FetchFailed("The server says that we ask too often. (HTTP 429)", 90, 429)
    later = datetime.now(UTC) + timedelta(minutes=10)
    outlet.serve("/feed", Answer(status=503, headers={"Retry-After": format_datetime(later, usegmt=True)}))
    answer = fetch(url, allow_private=True)
    assert isinstance(answer, FetchFailed)
    assert answer.retry_after is not None
    assert 590 <= answer.retry_after <= 600


@pytest.mark.parametrize("header", ["soon", "-5", "", "Mon, 99 Foo 2026", "٣"])
def test_a_wish_that_cannot_be_read_is_none(outlet: Outlet, header: str) -> None:
    url = outlet.serve("/feed", Answer(status=503, headers={"Retry-After": header.encode().decode("latin-1")}))
    assert fetch(url, allow_private=True) == FetchFailed("The server has trouble of its own. (HTTP 503)", None, 503)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (404, "There is nothing at this address. (HTTP 404)"),
        (410, "The server says that this address is gone for good. (HTTP 410)"),
        (401, "The server asks for a password. (HTTP 401)"),
        (418, "The server did not give us a document. (HTTP 418)"),
        (502, "The server has trouble of its own. (HTTP 502)"),
    ],
)
def test_a_refusal_is_said_in_words(outlet: Outlet, status: int, says: str) -> None:
    assert sentence(outlet.serve("/feed", Answer(b"x", status=status))) == says


def test_a_server_that_is_away_is_said_in_words() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/"
        assert sentence(url) == "127.0.0.1 does not take connections."
    assert sentence("http://no-such-host.invalid/") == "There is no server named no-such-host.invalid."
    assert sentence("ledger.example/feed").startswith("The address is not one of the web")


def test_a_server_that_hangs_up_is_said_in_words(outlet: Outlet) -> None:
    url = outlet.serve("/feed", Answer(headers={"Content-Length": "100"}, script=lambda handler: None))
    assert sentence(url) == "The connection broke off (RemoteProtocolError)."
