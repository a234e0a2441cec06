"""Who may use the sign-up doors, how often, and what it costs when too many come at once.

An answer never depends on what we know about an address. Where a person may be meant (many readers behind one network,
a quick hand, a story that everybody reads), they are asked for a proof of work, which their browser does by itself, or
for half a minute of waiting. Only what no person does gets an answer that is followed by nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import current_app, request

from mailer.db import db
from mailer.newsletters import flood
from mailer.newsletters.models import Form, Newsletter
from mailer.staff import audit
from mailer.subscriptions.address import Address
from mailer.web.house import now, settings
from mailer.web.limits import Counters, Limit, networks
from mailer.web.readers import proof
from mailer.web.readers.blueprint import field

HOUR = 3600
MINUTE = 60

PER_ADDRESS = Limit("address", 10, HOUR)
"""Of any newsletter: a family's address, a few newsletters, a reader who tries again. Two a day are mailed."""

PER_HOST = Limit("host", 20, 10 * MINUTE)
"""One line: a classroom, an office. More than that pays with a second of its computer."""

PER_NETWORK = Limit("network", 100, 10 * MINUTE)
"""The company or the carrier behind the line."""

FORMS_AT_ONCE = 5
"""All forms together take as much as this many at their limit."""

WAITED = Limit("waited", 20, MINUTE)
"""Of one form: sign-ups that were waited for. Who comes too many waits once more."""

PER_REF = Limit("code", 20, 30 * MINUTE)
"""Codes that one page may try: four mails of five tries each."""

PER_GUESSER = Limit("codes", 100, 10 * MINUTE)
"""Codes from one line. One code in a million is right."""

AGAIN = Limit("again", 4, 30 * MINUTE)
"""Mails that one page may ask for once more."""

LINKS = Limit("link", 4, HOUR)
"""Links to the preferences that may be asked for one address."""

HURRY = 1_500
"""Milliseconds from the form's appearance to its sending. Nobody types an address so fast; a password manager does."""


class Verdict(StrEnum):
    """Let it in, or answer as always and keep nothing."""

    PASS = "pass"  # noqa: S105  # not a password
    QUIET = "quiet"


@dataclass(frozen=True)
class Proof:
    """Ask for this proof of work, or for the ticket when `wait` is over."""

    challenge: dict[str, Any]
    ticket: str
    wait: timedelta


def judge(newsletter: Newsletter, form: Form, address: Address, *, ref: str) -> Verdict | Proof:
    """What to do with a sign-up. Ends the transaction that found newsletter and form: none is open while Redis talks.

    `ref` is carried by the page that asks for the proof, like every other field.
    """
    found = _Door(newsletter.slug, form.id, form.slug, form.proof_until)
    db.session.commit()
    verdict = _judge(found, address)
    counters().tally("proof" if isinstance(verdict, Proof) else verdict.value)
    return verdict


def may_try_code(ref: str) -> bool:
    """Whether the page that holds `ref` may try a code now. Ask before the first query."""
    found = networks(request.remote_addr or "")
    return counters().allow(PER_REF, ref) and (found is None or counters().allow(PER_GUESSER, found[0]))


def may_ask_again(ref: str, address: Address) -> bool:
    """Whether the page that holds `ref` may have another mail sent to `address`. Ask before the first query."""
    return counters().allow(AGAIN, ref) and counters().allow(PER_ADDRESS, address.key)


def may_mail_link(address: Address) -> bool:
    """Whether a fresh link to the preferences may be mailed to `address`. Ask before the first query."""
    return counters().allow(LINKS, address.key)


def counters() -> Counters:
    """The shared counts of this installation."""
    found: Counters = current_app.extensions["counters"]
    return found


def pace(form_id: int) -> int:
    """The sign-ups of a form that came without a proof, in the last full minute or in this one; the larger of both."""
    minute = _minute()
    return max(counters().read("form", f"{form_id} {each}") for each in (minute - 1, minute))


@dataclass(frozen=True)
class _Door:
    """What is known of a form when no transaction is open any more."""

    newsletter: str
    form_id: int
    form: str
    proof_until: datetime | None


def _judge(door: _Door, address: Address) -> Verdict | Proof:
    if field("website"):  # people do not see this field
        return Verdict.QUIET
    if not _proven(door) and (_hurried() or _flooded(door) or _crowded()):
        return _ask(door)
    return Verdict.PASS if counters().allow(PER_ADDRESS, address.key) else Verdict.QUIET


def _proven(door: _Door) -> bool:
    """Whether a challenge was solved, or a ticket waited for; each counts once."""
    nonce = proof.solved(settings().secret, door.form_id, field("altcha"))
    if nonce and counters().once("proof", nonce, int(proof.SOLVE_WITHIN.total_seconds())):
        return True
    held = proof.read_ticket(settings().secret, door.form_id, field("ticket"), now())
    if held is None or held.wait:
        return False
    life = int(proof.TICKET_LIFE.total_seconds())
    return counters().once("ticket", held.nonce, life) and counters().allow(WAITED, str(door.form_id))


def _hurried() -> bool:
    started = field("started", 12)
    return started.isdecimal() and int(started) < HURRY


def _flooded(door: _Door) -> bool:
    """Whether the form takes too many sign-ups just now. Puts it under guard then, and tells the operators."""
    count = counters().add("form", f"{door.form_id} {_minute()}", 3 * MINUTE)
    if count > settings().signups_per_minute:
        _guard(door, count)
        return True
    return door.proof_until is not None and door.proof_until > now()


def _guard(door: _Door, count: int) -> None:
    at = now()
    if door.proof_until is not None and door.proof_until > at + flood.LASTS - flood.SLACK:
        return
    session = db.session()
    until = flood.guard(session, door.form_id, at)
    if until and (door.proof_until is None or door.proof_until < at):
        detail = f"{count} sign-ups in this minute. Each costs a proof of work until {until:%H:%M} UTC at least."
        audit.record(session, "sign-up", "form.flooded", f"{door.newsletter}/{door.form}", detail, at)
    session.commit()


def _crowded() -> bool:
    """Whether all forms together, or one network, send too many."""
    everything = Limit("all", FORMS_AT_ONCE * settings().signups_per_minute, MINUTE)
    if not counters().allow(everything, ""):
        return True
    found = networks(request.remote_addr or "")
    return found is not None and not (counters().allow(PER_HOST, found[0]) and counters().allow(PER_NETWORK, found[1]))


def _ask(door: _Door) -> Proof:
    """A new challenge; a ticket that is only too young stays."""
    secret, at = settings().secret, now()
    held = proof.read_ticket(secret, door.form_id, field("ticket"), at)
    young = held is not None and bool(held.wait)
    return Proof(
        proof.challenge(secret, door.form_id, at),
        field("ticket") if young else proof.ticket(secret, door.form_id, at),
        held.wait if held and young else proof.WAIT,
    )


def _minute() -> int:
    return int(now().timestamp()) // MINUTE
