"""What can come of handing one message to a relay, and how a reply is read."""

import re
from dataclasses import dataclass
from enum import Enum

from mailer.emails.headers import BadHeader, a_label

_NOT_IN_A_COMMAND = re.compile("[\x00-\x20<>\x7f]")


class Outcome(Enum):
    """What is known after the attempt. These five are never confused with one another."""

    ACCEPTED = "accepted"
    """250 after the final dot."""
    DEFERRED = "deferred"
    """The relay said 4yz, or hung up on this message three times before its final dot: later, perhaps."""
    REFUSED = "refused"
    """The relay said 5yz, or cannot carry this address."""
    UNCERTAIN = "uncertain"
    """The final dot may have reached the relay and no answer came."""
    UNSENT = "unsent"
    """No connection could be made. The relay cannot have the message, and it is not the message's fault."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An outcome with the relay's reply code (0 when there was none) and its words, on one line."""

    outcome: Outcome
    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message to one recipient. `data` has CRLF line ends, is dot-stuffed and lacks the final dot."""

    sender: str
    recipient: str
    data: bytes


class Unmailable(ValueError):
    """This address cannot be written in a command to this relay."""


def read_answer(code: int, text: str, *, to_recipient: bool = False) -> Answer:
    """Judge a final reply. 552 to RCPT means "too many recipients" and counts as 452 (RFC 5321 §4.5.3.1.10)."""
    if 200 <= code < 300:
        outcome = Outcome.ACCEPTED
    elif 400 <= code < 500 or (to_recipient and code == 552):
        outcome = Outcome.DEFERRED
    elif 500 <= code < 600:
        outcome = Outcome.REFUSED
    else:
        outcome = Outcome.UNCERTAIN
    return Answer(outcome, code, text)


def mailbox(address: str, *, smtputf8: bool) -> bytes:
    """An address as MAIL and RCPT carry it: the domain as A-labels, a non-ASCII local part only under SMTPUTF8.

    Raises Unmailable with the reason.
    """
    if _NOT_IN_A_COMMAND.search(address):
        raise Unmailable("the address holds a blank or a control character")
    if address.isascii():
        return address.encode()
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = a_label(domain)
        except BadHeader as reason:
            raise Unmailable(str(reason)) from None
    if not local.isascii() and not smtputf8:
        raise Unmailable("the relay does not offer SMTPUTF8, which the part before the @ needs")
    return f"{local}@{domain}".encode()
