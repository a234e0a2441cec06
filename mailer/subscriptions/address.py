"""An e-mail address, parsed once at the door. What is taken and what not: docs/addresses.md.

The key says whether two addresses are one reader: the local part in lower case, the domain as A-labels. It does not
guess: dots and "+tags" stay, because only the receiving host knows what they mean there. Lower case, not case folding,
because folding would make straße@ and strasse@ one. Nothing is looked up; the relay knows what can be reached.

The domain becomes A-labels here and only here: the rules for that have changed (IDNA 2003 reads straße.de as
strasse.de, which is somebody else), and two places that disagree would mail a stranger.
"""

import re
from dataclasses import dataclass

import idna
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from mailer.texts import mark

# Newsrooms do use .local and .test inside their walls. The library says that this list may be changed.
SPECIAL_USE_DOMAIN_NAMES.clear()

LONGEST = 254
"""Octets of the longest address a mail server takes (RFC 5321, 4.5.3.1.3)."""

LONGEST_LOCAL = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""

# Blanks, and the invisible marks that copying brings along. No line breaks: nobody types one into a field.
_BLANKS = " \t\u00a0\u2002\u2003\u2009\u202f\u3000"
_MARKS = "\u200b\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff"

# ICANN forbids mailboxes at a bare top-level domain in all its contracts. Countries have none: n@ai was an address.
_COUNTRY = re.compile("[A-Za-z]{2}")

# Mail programs decode it also here, against RFC 2047, and then read another address, or a line break and a header.
_ENCODED_WORD = re.compile(r"=\?[^?]+\?[bq]\?[^?]*\?=", re.IGNORECASE)

WRONG = mark("That is not an e-mail address. Is there a typing error in it?")


class BadAddress(ValueError):
    """Not an address; the text is one sentence for the reader, marked for the catalogues."""


@dataclass(frozen=True)
class Address:
    """The address to mail (local part as written), the key that makes it unique, and its domain, in A-labels."""

    address: str
    key: str
    domain: str


def parse(text: str) -> Address:
    """Read an address as a person typed or a file gives it. Raises BadAddress."""
    text = text.strip(_BLANKS + _MARKS)
    if complaint := _complaint(text):
        raise BadAddress(complaint)
    try:
        valid = validate_email(text, check_deliverability=False, globally_deliverable="." in text.rpartition("@")[2])
    except EmailNotValidError:
        raise BadAddress(WRONG) from None
    local, domain = valid.local_part, valid.ascii_domain.lower()
    return Address(f"{local}@{domain}", f"{local.lower()}@{domain}", domain)


def readable(address: str) -> str:
    """A parsed address as people write it: its domain in their letters instead of A-labels."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}" if "xn--" in domain else address
    except idna.IDNAError:
        return address


def _complaint(text: str) -> str:
    text = text[: LONGEST + 1]
    local, at, domain = text.rpartition("@")
    too_long = len(text) > LONGEST or len(local.encode(errors="replace")) > LONGEST_LOCAL
    incomplete = "." not in domain.strip(".") and not _COUNTRY.fullmatch(domain)
    complaints = (
        (not text, mark("Type your e-mail address.")),
        (too_long, mark("That is too long for an e-mail address.")),
        (not at, mark("An e-mail address has an @ in it, like name@example.org.")),
        (any(map(str.isspace, text)), mark("An e-mail address has no spaces in it.")),
        (_ENCODED_WORD.search(text), WRONG),
        (incomplete, mark("The part after the @ is not complete. It looks like example.org.")),
    )
    return next((sentence for wrong, sentence in complaints if wrong), "")
