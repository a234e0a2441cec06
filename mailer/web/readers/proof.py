"""Proof of work (ALTCHA, self-hosted), and waiting as the other way for whoever has no JavaScript or wants none.

A challenge names a number between FEWEST and MOST by the key that PBKDF2 makes of it: the visitor tries one number
after the other, we try one and check a signature. A ticket is good when its holder has waited.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from altcha import Payload, create_challenge, verify_solution
from itsdangerous import BadSignature, Signer

COST = 1_000
"""Iterations of one try. PBKDF2 runs in the browser's own code, so a page is not slower than an attacker's program."""

FEWEST, MOST = 250, 750
"""Tries: half a million iterations on average. About a second on a phone without SHA-256 in its processor, a seventh of
one on a desktop; a challenge costs us one try, 0.25 ms."""

SOLVE_WITHIN = timedelta(minutes=10)

WAIT = timedelta(seconds=30)
"""Nobody at a form minds; a machine that wants thousands does."""

TICKET_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Ticket:
    """A ticket that was made here: what makes it the only one of its kind, and how long to wait until it is good."""

    nonce: str
    wait: timedelta


def challenge(secret: str, form_id: int, now: datetime) -> dict[str, Any]:
    """A new challenge for sign-ups through one form, as ALTCHA's clients take it."""
    made = create_challenge(
        "PBKDF2/SHA-256",
        COST,
        counter=FEWEST + secrets.randbelow(MOST - FEWEST + 1),
        expires_at=now + SOLVE_WITHIN,
        data={"form": form_id},
        hmac_secret=_key(secret, "challenge"),
        hmac_key_secret=_key(secret, "solution"),
    )
    return made.to_dict()


def solved(secret: str, form_id: int, payload: str) -> str | None:
    """What makes a solved challenge of this form unique, so that it can be spent; None when it is not one."""
    checked = verify_solution(payload, _key(secret, "challenge"), hmac_key_secret=_key(secret, "solution"))
    if not checked.verified:
        return None
    parameters = Payload.from_base64(payload).challenge.parameters
    return parameters.nonce if parameters.data == {"form": form_id} else None


def ticket(secret: str, form_id: int, now: datetime) -> str:
    """A ticket for one sign-up through one form; good after WAIT."""
    return _signer(secret).sign(f"{form_id}.{int(now.timestamp())}.{secrets.token_urlsafe(9)}").decode()


def read_ticket(secret: str, form_id: int, text: str, now: datetime) -> Ticket | None:
    """A ticket of this form; None for one that is too old or was not made here."""
    try:
        form, issued, nonce = _signer(secret).unsign(text).decode().split(".")
    except (BadSignature, ValueError):
        return None
    age = timedelta(seconds=now.timestamp() - int(issued))
    return Ticket(nonce, max(WAIT - age, timedelta())) if int(form) == form_id and age < TICKET_LIFE else None


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="signup.ticket", digest_method=hashlib.sha256)


def _key(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"signup.{purpose}".encode(), hashlib.sha256).digest()
