"""Slips in the domain of an address: gmial.com, gmail.con, hotmial.fr. A judgement for the door, and only a question.

Nothing is looked up. A domain that many people use is never doubted, nor is a known name under another country's
ending (hotmail.se): only a name that is one slip away from a known one, or an ending that fingers make of ".com".
"""

from functools import lru_cache

from mailer.subscriptions.address import Address

KNOWN = (
    *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "mail.ru", "yandex.ru", "live.com"),
    *("aol.com", "msn.com", "me.com", "mac.com", "googlemail.com", "ymail.com", "rocketmail.com", "email.com"),
    *("proton.me", "protonmail.com", "pm.me", "mail.com", "zoho.com", "fastmail.com", "tutanota.com", "gmx.com"),
    *("yandex.com", "ya.ru", "bk.ru", "list.ru", "inbox.ru", "internet.ru", "rambler.ru", "mail.az", "box.az"),
    *("yandex.kz", "mail.kz", "yandex.com.tr", "hotmail.com.tr", "mynet.com", "yahoo.com.tr"),
    *("gmx.de", "gmx.net", "gmx.at", "gmx.ch", "web.de", "t-online.de", "freenet.de", "posteo.de", "yahoo.de"),
    *("orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "yahoo.fr", "hotmail.fr", "outlook.fr"),
    *("hotmail.es", "yahoo.es", "outlook.es", "telefonica.net", "terra.com", "hotmail.co.uk", "yahoo.co.uk"),
    *("maktoob.com", "emirates.net.ae", "qatar.net.qa"),
)
"""Mail domains that many people use, the most used first: of two that are as near, the first is meant."""

ONLY_COM = {"gmail", "icloud", "googlemail"}
"""Names that mean a mailbox under .com and nowhere else."""

MEANT_COM = {"con", "cmo", "ocm", "co", "cm", "om", "comm", "coom", "vom", "xom", "cim", "cpm", "coml", "col"}
"""What fingers make of "com". Some of them are endings of countries, but not of these mail domains."""

SHORTEST_NAME = 4
"""Letters of a name that may have a slip: of three-letter names nearly every neighbour is somebody's."""

LONG_NAME = 8
"""Letters of a name that may have two."""

_NAMES = {domain.partition(".")[0] for domain in KNOWN}


def suggestion(address: Address) -> str | None:
    """The address that was probably meant; None when there is nothing to ask."""
    meant = _meant(address.domain)
    return f"{address.address.rpartition('@')[0]}@{meant}" if meant else None


@lru_cache(4_096)
def _meant(domain: str) -> str | None:
    if domain in KNOWN:
        return None
    name, _, ending = domain.partition(".")
    if ending in MEANT_COM or name in ONLY_COM:
        domain = f"{name}.com"
    elif name in _NAMES:
        return None
    near = ((_slips(domain, known), known) for known in KNOWN)
    return next((known for slips, known in sorted(near, key=lambda pair: pair[0]) if slips <= _allowed(known)), None)


def _allowed(known: str) -> int:
    letters = known.index(".")
    return 0 if letters < SHORTEST_NAME else 1 if letters < LONG_NAME else 2


def _slips(one: str, other: str) -> int:
    """How many letters were left out, added, mistaken or swapped with their neighbour (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(row[-1] + 1, before[j] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and wanted == one[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
