"""Reading a source over HTTP. The only module of the house that does, and the network is hostile.

Bounded in time (the whole conversation, not each read), in size (after decompression) and in redirects; what it may
connect to is for `reach`. Whatever goes wrong out there is an answer with a sentence for an editor, never an error.
"""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus
from importlib.metadata import version
from urllib.parse import urlsplit

import httpcore2
import httpx2

from mailer.articles.canonical import uri
from mailer.articles.reach import OutOfReach, Reach, TimeIsUp

LARGEST = 10_000_000
"""Bytes of an answer, after decompression."""

SECONDS = 20.0
"""For everything together: connecting, redirects, headers and body."""

REDIRECTS = 5
ETAG_LENGTH = 500
LAST_MODIFIED_LENGTH = 100

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True)
class Fetched:
    """The source answered with a document, at this moment. Names in `headers` are in lower case.

    `etag` and `last_modified` are to be sent next time, "" where not given.
    """

    data: bytes
    content_type: str
    etag: str
    last_modified: str
    final_url: str
    headers: Mapping[str, str]
    at: datetime


@dataclass(frozen=True)
class NotModified:
    """Nothing new since the document whose `etag` or `last_modified` we sent."""


@dataclass(frozen=True)
class FetchFailed:
    """No document; why, for an editor, and in how many seconds the server wants to be asked again, if it says so.

    `status` is of HTTP, None where there was no answer.
    """

    sentence: str
    retry_after: int | None = None
    status: int | None = None


UNASKED = FetchFailed("The server says that nothing has changed, although we asked for everything.")


def fetch(
    url: str,
    etag: str = "",
    last_modified: str = "",
    *,
    allow_private: bool,
    base_url: str = "",
    seconds: float = SECONDS,
    accept: str = ACCEPT,
    method: str = "GET",
) -> Fetched | NotModified | FetchFailed:
    """Read `url`, unless it is still what `etag` or `last_modified` name.

    `allow_private` lets it lie in a private network; `base_url` says in the User-Agent who asks. All together takes no
    longer than `seconds`. The `method` HEAD brings no data.
    """
    headers = {"user-agent": _agent(base_url), "accept": accept}
    headers |= {"if-none-match": etag} if etag else {}
    headers |= {"if-modified-since": last_modified} if last_modified else {}
    try:
        with _client(Reach(time.monotonic() + seconds, allow_private=allow_private)) as client:
            return _follow(client, method, url, headers)
    except OutOfReach as error:
        return FetchFailed(str(error))
    except (TimeIsUp, httpx2.TimeoutException):
        return FetchFailed(f"The server did not finish its answer within {seconds:.0f} seconds.")
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError) as error:
        return FetchFailed(_about(error))


def _client(reach: Reach) -> httpx2.Client:
    transport = httpx2.HTTPTransport(verify=_tls(), trust_env=False)
    # httpx2 has no public way to hand in a network; tests/articles/test_source.py fails when this one closes.
    transport._pool = httpcore2.ConnectionPool(ssl_context=_tls(), network_backend=reach)
    return httpx2.Client(transport=transport, trust_env=False, follow_redirects=False, timeout=SECONDS)


@cache
def _tls() -> ssl.SSLContext:
    """Reading the certificates of all authorities takes longer than most fetches."""
    return httpx2.create_ssl_context(trust_env=False)


def _agent(base_url: str) -> str:
    return f"Postroom/{version('postroom')}" + (f" (+{base_url})" if base_url else "")


def _follow(
    client: httpx2.Client, method: str, url: str, headers: dict[str, str]
) -> Fetched | NotModified | FetchFailed:
    address = uri(url)
    for _ in range(REDIRECTS + 1):
        if not address:
            return FetchFailed("The address is not one of the web: it has to begin with http:// or https://.")
        if "@" in urlsplit(address).netloc:
            return FetchFailed("The address holds a name or a password before the @; sources are read without.")
        with client.stream(method, address, headers=headers) as response:
            if not response.has_redirect_location:
                return _read(response)
            address = uri(response.headers["location"], str(response.url))
    return FetchFailed(f"The address was forwarded more than {REDIRECTS} times.")


def _read(response: httpx2.Response) -> Fetched | NotModified | FetchFailed:
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return NotModified()
    if not response.is_success:
        wish = _retry_after(response.headers.get("retry-after", ""))
        return FetchFailed(_about_status(response.status_code), wish, response.status_code)
    if "," in response.headers.get("content-encoding", ""):  # packed in packed: small on the wire, endless to unpack
        return FetchFailed("The answer is compressed more than once.")
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > LARGEST:
            return FetchFailed(f"The answer is larger than {LARGEST // 1_000_000} MB.")
    return Fetched(
        data=bytes(data),
        content_type=response.headers.get("content-type", ""),
        etag=_header(response, "etag", ETAG_LENGTH),
        last_modified=_header(response, "last-modified", LAST_MODIFIED_LENGTH),
        final_url=str(response.url),
        headers=dict(response.headers),
        at=datetime.now(UTC),
    )


def _header(response: httpx2.Response, name: str, longest: int) -> str:
    """A header we shall send back; one we could not keep or send counts as not given."""
    value: str = response.headers.get(name, "")
    return value if value.isascii() and len(value) <= longest else ""


def _about_status(status: int) -> str:
    sentences = {
        401: "The server asks for a password.",
        403: "The server refuses to let us read this address.",
        404: "There is nothing at this address.",
        410: "The server says that this address is gone for good.",
        429: "The server says that we ask too often.",
    }
    busy = "The server has trouble of its own." if status >= 500 else "The server did not give us a document."
    return f"{sentences.get(status, busy)} (HTTP {status})"


def _retry_after(header: str) -> int | None:
    """Seconds, from a number or a date; None where there is neither."""
    if header.isascii() and header.isdigit():
        return int(header[:9])
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, round((moment - datetime.now(UTC)).total_seconds()))


def _about(error: Exception) -> str:
    beneath = error.__cause__ and error.__cause__.__context__
    if isinstance(beneath, ssl.SSLCertVerificationError):
        return "The server's certificate is not valid for this address."
    if isinstance(beneath, ssl.SSLError):
        return "The server does not speak TLS as it should."
    if isinstance(error, httpx2.DecodingError):
        return "The answer is compressed in a way that cannot be undone."
    if isinstance(error, httpx2.InvalidURL | UnicodeError):
        return "The address is not written correctly."
    return f"The connection broke off ({type(error).__name__})."
