"""Which addresses of strangers may stand in a mail."""

from urllib.parse import quote, urlsplit

from mailer.emails.headers import BadHeader, a_label
from mailer.emails.plain_text import clean

_MEANINGFUL = "!#$%&'()*+,/:;=?@[]~"


def web_address(url: str) -> str:
    """The address in ASCII, if it is http or https with a host; else nothing."""
    try:
        parts = urlsplit(clean(url))
        host, port = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host:
            return ""
        if not parts.netloc.isascii():
            parts = parts._replace(netloc=a_label(host) + (f":{port}" if port else ""))
    except (BadHeader, ValueError):
        return ""
    return quote(parts.geturl(), safe=_MEANINGFUL)
