"""An e-mail address, parsed once at the door.

The key says whether two addresses are one reader: the local part in lower case, the domain as A-labels. It does not
guess: dots and "+tags" stay, because only the receiving host knows what they mean there. Lower case, not case folding,
because folding would make straße@ and strasse@ one. Nothing is looked up; the relay knows what can be reached.

The domain becomes A-labels here and only here: the rules for that have changed (IDNA 2003 reads straße.de as
strasse.de, which is somebody else), and two places that disagree would mail a stranger.
"""

from dataclasses import dataclass

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# Newsrooms do use .local and .test inside their walls. The library says that this list may be changed.
SPECIAL_USE_DOMAIN_NAMES.clear()

LONGEST = 254
"""Characters of the longest address a mail server takes (RFC 5321, 4.5.3.1.3)."""


class BadAddress(ValueError):
    """Not an address; the text is one sentence for the reader."""


@dataclass(frozen=True)
class Address:
    """The address to mail (local part as written), the key that makes it unique, and its domain, in A-labels."""

    address: str
    key: str
    domain: str


def parse(text: str) -> Address:
    """Read an address as a person typed or a file gives it. Raises BadAddress."""
    text = text.strip()
    if complaint := _complaint(text):
        raise BadAddress(complaint)
    try:
        valid = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        raise BadAddress("That is not an e-mail address. Is there a typing error in it?") from None
    local, domain = valid.local_part, valid.ascii_domain.lower()
    return Address(f"{local}@{domain}", f"{local.lower()}@{domain}", domain)


def _complaint(text: str) -> str:
    if not text:
        return "Type your e-mail address."
    if len(text) > LONGEST:
        return "That is too long for an e-mail address."
    if "@" not in text:
        return "An e-mail address has an @ in it, like name@example.org."
    if any(character.isspace() for character in text):
        return "An e-mail address has no spaces in it."
    if "." not in text.rpartition("@")[2].strip("."):
        return "The part after the @ is not complete. It looks like example.org."
    return ""
