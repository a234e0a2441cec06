"""`postroom bench send`, run as an operator runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.emails.wire import violations
from tests.services.smtp import Mailbox

POSTROOM = Path(sys.executable).parent / "postroom"


def test_it_sends_through_the_real_pipeline_and_answers_in_json(
    database_url: str, smtp: Mailbox, tmp_path: Path
) -> None:
    environ = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "x" * 32, "DATA_DIR": str(tmp_path)}
    command: list[str | Path] = [
        POSTROOM,
        "bench",
        "send",
        "--readers",
        "40",
        "--size",
        "25",
        "--relay",
        smtp.url,
        "--json",
    ]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=90)
    assert run.returncode == 0, run.stderr
    measured = json.loads(run.stdout)
    assert measured["messages"] == 40 == len({mail.recipient for mail in smtp.mails})
    assert {"messages", "seconds", "cpu_seconds", "per_second", "peak_rss_mb"} <= measured.keys()
    assert 20 < measured["message_kb"] < 30
    assert [violations(mail.data) for mail in smtp.mails[:3]] == [[], [], []]


def test_a_relay_that_is_none_is_refused_with_a_sentence(tmp_path: Path) -> None:
    environ = {**os.environ, "SECRET_KEY": "x" * 32, "DATA_DIR": str(tmp_path)}
    command: list[str | Path] = [POSTROOM, "bench", "send", "--relay", "mail.example.org"]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    assert "smtp://" in run.stderr
