"""Providers that throw mailboxes away."""

import pytest

from mailer.subscriptions.disposable import is_disposable


@pytest.mark.parametrize("domain", ["mailinator.com", "team.mailinator.com", "guerrillamail.com"])
def test_a_listed_domain_and_what_lies_under_it(domain: str) -> None:
    assert is_disposable(domain)


@pytest.mark.parametrize("domain", ["gmail.com", "ledger.example", "mailinator.ledger.example", "com"])
def test_no_other(domain: str) -> None:
    assert not is_disposable(domain)
