"""The button that opens a reader's mailbox, where possible at our mail. One table, because such links break.

The provider is told by the domain alone. Asking for its MX would find Workspace domains too, but at the door it would
cost every reader the time of a DNS answer. A mail program on iOS cannot be opened at a message: there is no button
there, the code does the job.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from mailer.subscriptions.address import Address


@dataclass(frozen=True)
class Mailbox:
    """What stands on the button, and where it leads."""

    name: str
    url: str


@dataclass(frozen=True)
class _Provider:
    name: str
    url: str  # in a browser; {reader} and {sender} are addresses
    package: str  # the program on Android
    domains: frozenset[str]


_PROVIDERS = (
    _Provider(
        "Gmail",
        "https://mail.google.com/mail/u/0/?authuser={reader}#search/from%3A({sender})+in%3Aanywhere+newer_than%3A1h",
        "com.google.android.gm",
        frozenset({"gmail.com", "googlemail.com"}),
    ),
    _Provider(
        "Outlook",
        "https://outlook.live.com/mail/?login_hint={reader}",
        "com.microsoft.office.outlook",
        frozenset(
            f"{name}.{ending}"
            for name in ("hotmail", "outlook", "live")
            for ending in ("com", "de", "fr", "es", "it", "co.uk", "com.tr", "com.br", "com.ar", "at", "be", "nl", "se")
        )
        | {"msn.com"},
    ),
    _Provider(
        "Yahoo",
        "https://mail.yahoo.com/d/search/keyword=from%3A{sender}",
        "com.yahoo.mobile.client.android.mail",
        frozenset(
            f"yahoo.{ending}"
            for ending in ("com", "de", "fr", "es", "it", "co.uk", "com.tr", "com.br", "com.ar", "in", "ca")
        )
        | {"ymail.com", "rocketmail.com"},
    ),
    _Provider(
        "AOL", "https://mail.aol.com/d/search/keyword=from%3A{sender}", "com.aol.mobile.aolapp", frozenset({"aol.com"})
    ),
    _Provider(
        "Proton",
        "https://mail.proton.me/u/0/all-mail#from={sender}",
        "ch.protonmail.android",
        frozenset({"proton.me", "protonmail.com", "pm.me"}),
    ),
    _Provider("iCloud", "https://www.icloud.com/mail", "", frozenset({"icloud.com", "me.com", "mac.com"})),
)

_BY_DOMAIN = {domain: provider for provider in _PROVIDERS for domain in provider.domains}


def find(address: Address, sender: str, agent: str) -> Mailbox | None:
    """The mailbox of a reader; `sender` is who our mail is from, `agent` what the browser says it is (User-Agent)."""
    provider = _BY_DOMAIN.get(address.domain)
    if provider is None or _is_ios(agent):
        return None
    url = provider.url.format(reader=quote(address.address, safe=""), sender=quote(sender, safe=""))
    # Other browsers on Android do not read intent: links.
    in_program = provider.package and "Android" in agent and "Chrome/" in agent
    return Mailbox(provider.name, _intent(url, provider.package) if in_program else url)


def _is_ios(agent: str) -> bool:
    return any(device in agent for device in ("iPhone", "iPad", "iPod"))


def _intent(url: str, package: str) -> str:
    """Chrome for Android opens the program, and the address where there is none (developer.chrome.com, intents)."""
    return (
        f"intent://{urlsplit(url).netloc}/#Intent;scheme=https;package={package};"
        f"S.browser_fallback_url={quote(url, safe='')};end"
    )
