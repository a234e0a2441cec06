"""Who works here."""

from collections.abc import Sequence
from datetime import datetime

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from mailer.db import insert
from mailer.staff.models import Role, Staff

# Newsrooms do use .local and .test inside their walls. The library says that this list may be changed.
SPECIAL_USE_DOMAIN_NAMES.clear()


class BadAddress(ValueError):
    """Not an address; the text says what is wrong with it."""


def add(session: Session, address: str, role: Role, now: datetime) -> Staff:
    """The account of `address`, made with `role` when there is none; one that exists keeps its role.

    Raises BadAddress.
    """
    values = {"address": _normal(address), "role": role.value, "active": True, "created_at": now}
    session.execute(insert(session, Staff).values(values).on_conflict_do_nothing(index_elements=["address"]))
    return session.scalars(select(Staff).where(Staff.address == values["address"])).one()


def find(session: Session, address: str) -> Staff | None:
    """The account of an address, or None; also for what is no address at all."""
    try:
        normal = _normal(address)
    except BadAddress:
        return None
    return session.scalars(select(Staff).where(Staff.address == normal)).one_or_none()


def everybody(session: Session) -> Sequence[Staff]:
    """All accounts, by address."""
    return session.scalars(select(Staff).order_by(Staff.address)).all()


def _normal(address: str) -> str:
    """Small letters throughout: staff log in by typing it."""
    try:
        return validate_email(address.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from None
