import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailer.staff import accounts
from mailer.staff.models import Role, Staff
from tests.staff import NOW


def test_an_account_is_found_however_its_address_is_typed(session: Session) -> None:
    added = accounts.add(session, " Lea@Ledger.Example ", Role.EDITOR, NOW)
    session.commit()
    assert added.address == "lea@ledger.example"
    assert accounts.find(session, "LEA@ledger.example") == added


def test_adding_the_same_address_twice_keeps_the_first_account(session: Session) -> None:
    first = accounts.add(session, "lea@ledger.example", Role.EDITOR, NOW)
    again = accounts.add(session, "lea@ledger.example", Role.OPERATOR, NOW)
    session.commit()
    assert again.id == first.id
    assert again.role == Role.EDITOR
    assert session.scalar(select(func.count()).select_from(Staff)) == 1


@pytest.mark.parametrize("address", ["", "lea", "lea@", "@ledger.example", "lea@ledger.example, jo@ledger.example"])
def test_what_is_no_address_is_refused_with_the_reason(session: Session, address: str) -> None:
    with pytest.raises(accounts.BadAddress, match=r"\w"):
        accounts.add(session, address, Role.EDITOR, NOW)
    assert accounts.find(session, address) is None


def test_everybody_is_listed_by_address(session: Session) -> None:
    for name in ("zoe", "ada"):
        accounts.add(session, f"{name}@ledger.example", Role.OPERATOR, NOW)
    assert [person.address for person in accounts.everybody(session)] == ["ada@ledger.example", "zoe@ledger.example"]
