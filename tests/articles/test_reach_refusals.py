"""Every way we know to lead a reader of feeds astray, each by its name. None of them may open a connection."""

import socket
from typing import Any

import pytest

from mailer.articles.source import FetchFailed, fetch

NAMES = {
    "public.example": ["93.184.216.34"],
    "inside.example": ["10.0.0.5"],
    "127.0.0.1.nip.example": ["127.0.0.1"],
    "mapped.example": ["::ffff:169.254.169.254"],
    "six.example": ["fd12::1"],
    "metadata.google.internal": ["169.254.169.254"],
    "both.example": ["192.168.1.1", "fe80::1%eth0"],
    "localhost": ["127.0.0.1", "::1"],
}
"""What the names of this test resolve to; numbers resolve as they really do, and other names are not known."""

FORMS = {
    "loopback": "http://127.0.0.1/",
    "another loopback": "http://127.8.9.10/",
    "decimal number": "http://2130706433/",
    "decimal beyond 32 bits": "http://6425673729/",
    "hexadecimal number": "http://0x7f000001/",
    "octal number": "http://017700000001/",
    "octal parts": "http://0177.0.0.1/",
    "octal parts with more zeros": "http://00000177.0.0.1/",
    "hexadecimal parts": "http://0x7f.0x0.0x0.0x1/",
    "mixed parts": "http://0x7f.1/",
    "two parts": "http://127.1/",
    "three parts": "http://127.0.1/",
    "zero": "http://0/",
    "unspecified": "http://0.0.0.0/",
    "octal private": "http://012.0.0.1/",
    "private 10": "http://10.1.2.3/",
    "private 172.16": "http://172.16.0.1/",
    "private 192.168": "http://192.168.0.1/",
    "carrier": "http://100.64.0.1/",
    "link-local": "http://169.254.1.1/",
    "metadata of most clouds": "http://169.254.169.254/latest/meta-data/",
    "metadata as a number": "http://2852039166/",
    "metadata of Alibaba": "http://100.100.100.200/",
    "metadata of Oracle": "http://192.0.0.192/",
    "inside of Azure": "http://168.63.129.16/",
    "metadata over IPv6": "http://[fd00:ec2::254]/",
    "metadata by name": "http://metadata.google.internal/",
    "protocol assignments": "http://192.0.0.8/",
    "documentation": "http://203.0.113.1/",
    "benchmarks": "http://198.18.0.1/",
    "multicast": "http://224.0.0.1/",
    "reserved": "http://240.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "anycast relay of 6to4": "http://192.88.99.1/",
    "IPv6 loopback": "http://[::1]/",
    "IPv6 loopback written out": "http://[0:0:0:0:0:0:0:1]/",
    "IPv6 unspecified": "http://[::]/",
    "IPv4-mapped": "http://[::ffff:127.0.0.1]/",
    "IPv4-mapped in hexadecimal": "http://[::ffff:7f00:1]/",
    "IPv4-mapped private": "http://[0:0:0:0:0:ffff:10.0.0.1]/",
    "IPv4-compatible": "http://[::127.0.0.1]/",
    "IPv4-translated": "http://[::ffff:0:127.0.0.1]/",
    "6to4": "http://[2002:7f00:1::]/",
    "Teredo": "http://[2001:0:7f00:1::]/",
    "NAT64": "http://[64:ff9b::7f00:1]/",
    "NAT64 for local use": "http://[64:ff9b:1::7f00:1]/",
    "ISATAP": "http://[fe80::5efe:7f00:1]/",
    "IPv6 private": "http://[fc00::1]/",
    "IPv6 link-local": "http://[fe80::1]/",
    "IPv6 site-local": "http://[fec0::1]/",
    "IPv6 multicast": "http://[ff02::1]/",
    "IPv6 documentation": "http://[2001:db8::1]/",
    "zone": "http://[fe80::1%25eth0]/",
    "zone unescaped": "http://[fe80::1%eth0]/",
    "zone on a loopback": "http://[::1%25lo]/",
    "name of this machine": "http://localhost/",
    "name in capitals": "http://LOCALHOST/",
    "name with a trailing dot": "http://localhost./",
    "address with a trailing dot": "http://127.0.0.1./",
    "name that is private": "http://inside.example/",
    "name that holds an address": "http://127.0.0.1.nip.example/",
    "name that is private over IPv6": "http://six.example/",
    "name that is IPv4-mapped": "http://mapped.example/",
    "name with several private addresses": "http://both.example/",
    "name of a service": "http://redis/",
    "digits in circles": "http://①②⑦.⓪.⓪.①/",
    "wide digits": "http://１２７.０.０.１/",
    "ideographic full stops": "http://127。0。0。1/",
    "letters in circles": "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "soft hyphen": "http://local\u00adhost/",
    "name and password": "http://user:word@public.example/",
    "user that looks like a host": "http://public.example@127.0.0.1/",
    "user with a port": "http://public.example:80@127.0.0.1/",
    "empty user": "http://@127.0.0.1/",
    "escaped at": "http://public.example%40127.0.0.1/",
    "backslash": "http://127.0.0.1\\@public.example/",
    "backslashes for slashes": "http:\\\\127.0.0.1/",
    "three slashes": "http:///127.0.0.1/",
    "escaped host": "http://%31%32%37.0.0.1/",
    "escaped NUL": "http://127.0.0.1%00.public.example/",
    "line break in the host": "http://127.0.0.1\r\nHost: public.example/",
    "tab in the host": "http://127.0.\t0.1/",
    "space in the host": "http://127.0.0.1 public.example/",
    "two ports": "http://127.0.0.1:80:80/",
    "port beyond the last": "http://public.example:65616/",
    "negative port": "http://public.example:-80/",
    "port of SSH": "http://public.example:22/",
    "port of mail": "http://public.example:25/",
    "port of Redis": "http://public.example:6379/",
    "port of memcached": "http://public.example:11211/",
    "port of PostgreSQL": "https://public.example:5432/",
    "port of Docker": "http://public.example:2375/",
    "no scheme": "127.0.0.1/feed",
    "no scheme but slashes": "//127.0.0.1/feed",
    "file": "file:///etc/passwd",
    "file on a host": "file://127.0.0.1/etc/passwd",
    "FTP": "ftp://public.example/feed",
    "gopher": "gopher://127.0.0.1:6379/_INFO",
    "dict": "dict://127.0.0.1:11211/stats",
    "unix socket": "unix:///var/run/docker.sock",
    "unix socket in HTTP": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "local abstract socket": "http+abstract://docker/",
    "web socket": "ws://public.example/",
    "data": "data:text/xml,<rss/>",
    "script": "javascript:alert(1)",
    "nested scheme": "view-source:http://127.0.0.1/",
    "feed scheme": "feed://127.0.0.1/",
    "jar": "jar:http://127.0.0.1/a!/b",
    "empty host": "http://",
    "empty": "",
}


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What a connection was opened to."""
    really = socket.getaddrinfo

    def look_up(host: str, port: int, **more: Any) -> list[Any]:
        addresses = NAMES.get(host)
        if addresses is None:
            return list(really(host, port, flags=socket.AI_NUMERICHOST, **more))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    opened: list[object] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    return opened


@pytest.mark.parametrize("form", FORMS)
def test_no_form_leads_anywhere_but_to_the_public_web(form: str, connected: list[object]) -> None:
    answer = fetch(FORMS[form], allow_private=False)
    assert isinstance(answer, FetchFailed)
    assert answer.sentence.endswith(".")
    assert connected == []


@pytest.mark.parametrize("port", ["", ":80", ":443", ":8080", ":8443"])
def test_the_public_web_is_connected_to(port: str, connected: list[object]) -> None:
    fetch(f"http://public.example{port}/", allow_private=False)
    assert connected == [("93.184.216.34", int(port[1:] or 80))]
