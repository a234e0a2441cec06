"""What a proof keeps of an IP address."""

import pytest

from mailer.subscriptions.network import Precision, kept


@pytest.mark.parametrize(
    ("address", "precision", "is_kept"),
    [
        ("203.0.113.7", "full", "203.0.113.7"),
        ("203.0.113.7", "truncated", "203.0.113.0/24"),
        ("203.0.113.7", "none", ""),
        ("2001:db8:1:2::7", "truncated", "2001:db8:1::/48"),
        ("2001:db8:1:2::7", "full", "2001:db8:1:2::7"),
        ("", "full", ""),
        ("not an address", "full", ""),
    ],
)
def test_an_address_is_kept_as_precisely_as_the_setting_allows(
    address: str, precision: Precision, is_kept: str
) -> None:
    assert kept(address, precision) == is_kept
