"""The button that opens a mailbox."""

from urllib.parse import unquote

import pytest

from mailer.subscriptions.address import parse
from mailer.subscriptions.mailboxes import find

DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36"
)
FIREFOX = "Mozilla/5.0 (Android 16; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0"
SENDER = "briefing@ledger.example"


def url(address: str, agent: str = DESKTOP) -> str:
    found = find(parse(address), SENDER, agent)
    assert found is not None
    return found.url


@pytest.mark.parametrize(
    ("domain", "name", "host"),
    [
        ("gmail.com", "Gmail", "https://mail.google.com/"),
        ("hotmail.com.tr", "Outlook", "https://outlook.live.com/"),
        ("yahoo.fr", "Yahoo", "https://mail.yahoo.com/"),
        ("aol.com", "AOL", "https://mail.aol.com/"),
        ("pm.me", "Proton", "https://mail.proton.me/"),
        ("me.com", "iCloud", "https://www.icloud.com/"),
    ],
)
def test_each_provider_has_its_button(domain: str, name: str, host: str) -> None:
    found = find(parse(f"mara@{domain}"), SENDER, DESKTOP)
    assert found is not None
    assert found.name == name
    assert found.url.startswith(host)


def test_gmail_is_opened_at_our_mail_in_the_readers_own_account() -> None:
    address = url("mara+a&b@gmail.com")
    assert "authuser=mara%2Ba%26b%40gmail.com#" in address
    assert "from:(briefing@ledger.example)" in unquote(address)


def test_on_android_chrome_opens_the_program_or_else_the_page() -> None:
    address = url("mara@gmail.com", ANDROID)
    assert address.startswith("intent://mail.google.com/#Intent;scheme=https;package=com.google.android.gm;")
    assert unquote(address).count(url("mara@gmail.com", DESKTOP).partition("?")[0]) == 1
    assert address.endswith(";end")
    assert url("mara@gmail.com", FIREFOX) == url("mara@gmail.com", DESKTOP)
    assert url("mara@icloud.com", ANDROID) == url("mara@icloud.com", DESKTOP)


def test_on_ios_and_for_any_other_provider_there_is_no_button() -> None:
    assert find(parse("mara@gmail.com"), SENDER, IPHONE) is None
    assert find(parse("mara@ledger.example"), SENDER, DESKTOP) is None
