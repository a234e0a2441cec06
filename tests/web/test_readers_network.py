"""How much of a visitor's IP address is kept."""

import pytest

from mailer.app import create_app
from mailer.config import SettingError, load_settings
from mailer.web.readers.blueprint import network
from tests.conftest import SECRET

V4, V6 = "192.0.2.77", "2001:db8:1234:5678::1"


@pytest.mark.parametrize(
    ("precision", "address", "kept"),
    [
        ("", V4, V4),
        ("full", V6, V6),
        ("truncated", V4, "192.0.2.0/24"),
        ("truncated", V6, "2001:db8:1234::/48"),
        ("none", V4, ""),
    ],
)
def test_the_setting_says_how_much(precision: str, address: str, kept: str) -> None:
    app = create_app(load_settings({"SECRET_KEY": SECRET, "NETWORK_PRECISION": precision}))
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert network() == kept


def test_another_word_is_refused() -> None:
    with pytest.raises(SettingError, match="NETWORK_PRECISION"):
        load_settings({"SECRET_KEY": SECRET, "NETWORK_PRECISION": "some"})
