"""Settings: typed, read once, and refused with the name and what to write."""

from pathlib import Path

import pytest

from mailer.config import Relay, SettingError, load_settings

SECRET = "thirty-two characters or a few more"


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("PORT", "eighty", "PORT"),
        ("PORT", "70000", "PORT"),
        ("DATABASE_URL", "mysql://root@localhost/news", "postgresql://"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("SMTP_URL", "mail.example.org", "smtp://"),
        ("SMTP_URL", "smtp://mail.example.org?starttls=perhaps", "starttls="),
        ("PUBLIC_URL", "news.example.org", "https://"),
        ("PUBLIC_URL", "https://zeitung.exämple", "xn--"),
        ("UNSUBSCRIBE_MAILBOX", "leave@a.example, all@b.example", "leave@"),
        ("SECRET_KEY", "short", "32"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_what_to_write(name: str, value: str, hint: str) -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({name: value})
    assert str(refused.value).startswith(name)
    assert hint in str(refused.value)


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(SettingError) as refused:
        load_settings({"PORT": "x", "REDIS_URL": "y"})
    assert {line.partition(":")[0] for line in str(refused.value).splitlines()} == {"PORT", "REDIS_URL"}


def test_confirmations_keep_a_process_beside_the_lanes() -> None:
    with pytest.raises(SettingError, match="WORKER_PROCESSES"):
        load_settings({"WORKER_PROCESSES": "2", "SEND_LANES": "2"})


def test_an_empty_setting_counts_as_left_out() -> None:
    assert load_settings({"PORT": "", "DATABASE_URL": ""}).port == 8000


def test_there_is_no_secret_that_everybody_knows(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path)})
    with pytest.raises(SettingError, match="SECRET_KEY"):
        _ = settings.secret
    settings.secret_file.write_text(SECRET + "\n")
    assert settings.secret == SECRET


def test_a_secret_does_not_stand_in_the_representation() -> None:
    settings = load_settings({"SECRET_KEY": SECRET, "METRICS_TOKEN": "another-secret"})
    assert SECRET not in repr(settings)
    assert "another-secret" not in repr(settings)


def test_what_is_left_out_runs_on_the_parts_that_come_with_us(tmp_path: Path) -> None:
    settings = load_settings({"DATA_DIR": str(tmp_path), "PORT": "9000", "SECRET_KEY": SECRET})
    assert settings.database == f"sqlite:///{tmp_path}/postroom.sqlite"
    assert settings.broker.endswith("@127.0.0.1:9001/0")
    assert settings.relay == Relay("127.0.0.1", 9002, tls="none")
    assert settings.base_url == "http://localhost:9000"
    assert settings.newsroom
    assert settings.private_sources
    assert not settings.secure


def test_a_public_address_closes_what_is_for_trying_out() -> None:
    settings = load_settings({"PUBLIC_URL": "https://news.example.org/", "SECRET_KEY": SECRET})
    assert settings.base_url == "https://news.example.org"
    assert settings.secure
    assert not settings.newsroom
    assert not settings.private_sources


def test_a_relay_is_read_with_its_login_and_its_tls() -> None:
    assert Relay.from_url("smtp://lea:p%40ss@mx.example:587?starttls=required") == Relay(
        "mx.example", 587, "lea", "p@ss", "required"
    )
    assert Relay.from_url("smtps://mx.example") == Relay("mx.example", 465, tls="implicit")


def test_the_address_of_postgresql_may_be_written_as_hosts_give_it() -> None:
    for scheme in ("postgres", "postgresql"):
        settings = load_settings({"DATABASE_URL": f"{scheme}://u:p@db/news", "SECRET_KEY": SECRET})
        assert settings.database == "postgresql+psycopg://u:p@db/news"
