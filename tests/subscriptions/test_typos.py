"""Slips in the domain of an address."""

import pytest

from mailer.subscriptions.address import parse
from mailer.subscriptions.typos import KNOWN, suggestion


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("gmial.com", "gmail.com"),
        ("gamil.com", "gmail.com"),
        ("gmai.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("gmail.con", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("gmail.cm", "gmail.com"),
        ("gmail.ru", "gmail.com"),
        ("gmail.az", "gmail.com"),
        ("gmial.con", "gmail.com"),
        ("hotmial.fr", "hotmail.fr"),
        ("hotmai.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("yaho.com", "yahoo.com"),
        ("yahoo.comm", "yahoo.com"),
        ("icloud.co", "icloud.com"),
        ("protonmial.con", "protonmail.com"),
        ("gogolemail.com", "googlemail.com"),
        ("mial.ru", "mail.ru"),
        ("yandx.ru", "yandex.ru"),
        ("ramlber.ru", "rambler.ru"),
        ("mal.az", "mail.az"),
        ("mynrt.com", "mynet.com"),
        ("t-onlin.de", "t-online.de"),
        ("aol.con", "aol.com"),
        ("maktob.com", "maktoob.com"),
    ],
)
def test_a_slip_is_seen(typed: str, meant: str) -> None:
    assert suggestion(parse(f"mara@{typed}")) == f"mara@{meant}"


@pytest.mark.parametrize("domain", KNOWN)
def test_a_domain_that_many_use_is_never_doubted(domain: str) -> None:
    assert suggestion(parse(f"mara@{domain}")) is None


@pytest.mark.parametrize(
    "domain",
    [
        "hotmail.se",
        "yahoo.in",
        "live.co.uk",
        "aon.com",
        "max.com",
        "web.dk",
        "qq.com",
        "ledger.example",
        "mail.example.org",
    ],
)
def test_nor_one_that_may_well_be_meant(domain: str) -> None:
    assert suggestion(parse(f"mara@{domain}")) is None


def test_the_part_before_the_at_stays_as_it_was_typed() -> None:
    assert suggestion(parse("Mara+News@gmial.com")) == "Mara+News@gmail.com"
