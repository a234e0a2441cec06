"""Addresses of articles: `uri` spells one so that every mail client can follow it, `canonical` tells articles apart.

What makes two addresses one article: upper and lower case of the host, `www.`, http or https, default ports, a trailing
slash, fragments, and parameters that only say where the reader came from. Parameters are otherwise kept in their
order, which can mean something. Nobody follows a canonical address; it is only a name.
"""

import hashlib
import re
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

import idna

LONGEST = 2000
"""Characters of the longest address we keep."""

PATH_CHARACTERS = "/:@!$&'()*+,;=~%"
QUERY_CHARACTERS = PATH_CHARACTERS + "?"

# Parameters that say where a reader came from: clicks on advertisements, mailings, campaigns, and "from the feed".
_TRACKING = re.compile(
    r"""
    (?: (?: utm | mtm | pk | hsa )_\w+
      | fbclid | gclid | gclsrc | dclid | [gw]braid | msclkid | ys?clid | twclid | ttclid | li_fat_id | igsh(?:id)?
      | mc_[ce]id | mkt_tok | _hsenc | _hsmi | vero_id | wickedid | oly_(?:anon|enc)_id | _openstat
      | xtor | wt_z?mc | maca | cmp(?:id)? | ftag | smid | emc | at_(?:medium|campaign|custom\w*|link\w*)
      | ns_(?:mchannel|source|campaign|linkname|fee) | feedtype | feedname | rss
    ) (?: =.* )?
    | [^=]+ = rss
    """,
    re.VERBOSE | re.IGNORECASE,
)
_HOST = re.compile(r"[a-z0-9._-]+")
_WWW = re.compile(r"^(?:www\.)+(?=[^.]+\.)")
_SYNTHETIC = re.compile(r"entry-[0-9a-f]{32}")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What browsers drop from an address before they read it.
_DROPPED = re.compile(r"[\t\r\n]")


def uri(address: str, base: str = "") -> str:
    """The address as an absolute ASCII URI (IRI to URI, host as A-labels); "" when it is none we can follow.

    Relative ones are read against `base`. Escapes stay as they are, since signed picture addresses depend on them.
    """
    address = _DROPPED.sub("", address.strip())
    try:
        parts = urlsplit(urljoin(base, address))
        if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
            return ""
        spelled = urlunsplit(
            (
                parts.scheme.lower(),
                _authority(parts),
                _spell(parts.path, PATH_CHARACTERS),
                _spell(parts.query, QUERY_CHARACTERS),
                _spell(parts.fragment, QUERY_CHARACTERS),
            )
        )
    except ValueError:  # a broken port, bracket, host or half of a character
        return ""
    return spelled if len(spelled) <= LONGEST else ""


def canonical(address: str) -> str:
    """The name of the article behind an address: ASCII, at most LONGEST characters. Raises ValueError for no address.

    A fragment stays only where it names the article: one that `anchored` made, or a page drawn by its own script (#!).
    """
    parts = urlsplit(uri(address))
    if not parts.hostname:
        raise ValueError(f"no address of an article: {address[:100]!r}")
    scheme, host = _folded(parts)
    path = _normal(parts.path).rstrip("/") or "/"
    query = "&".join(_normal(pair) for pair in parts.query.split("&") if pair and not _TRACKING.fullmatch(pair))
    fragment = parts.fragment if _SYNTHETIC.fullmatch(parts.fragment) or parts.fragment.startswith("!") else ""
    name = urlunsplit((scheme, host, path, query, fragment))
    return name if len(name) <= LONGEST else anchored(f"{scheme}://{host}/", name)


def anchored(base: str, identity: str) -> str:
    """An address for something that has none: `base` with a fragment made of what identifies it."""
    digest = hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest()
    fragment = f"#entry-{digest[:32]}"
    base = base.partition("#")[0]
    return (base if len(base + fragment) <= LONGEST else urljoin(base, "/")) + fragment


def _authority(parts: SplitResult) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port is not None else ""
    return quote(user, safe=":%!$&'()*+,;=~") + at + _host(parts) + port


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    if not _HOST.fullmatch(host):
        raise ValueError(f"no name of a host: {host[:100]!r}")
    return host


def _folded(parts: SplitResult) -> tuple[str, str]:
    """Scheme and host; a site that answers on http and https, with www and without, writes all of them in time."""
    default = {"http": 80, "https": 443}[parts.scheme]
    host = _WWW.sub("", _host(parts))
    if parts.port in (None, default):
        return "https", host
    return parts.scheme, f"{host}:{parts.port}"


def _spell(part: str, characters: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=characters)


def _normal(part: str) -> str:
    """Escapes in one spelling: upper case, and none for characters that need none (RFC 3986, 6.2.2)."""
    return _ESCAPE.sub(_normal_escape, part)


def _normal_escape(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    plain = character.isascii() and (character.isalnum() or character in "-._~")
    return character if plain else match[0].upper()
