"""`postroom bench signup` and `bench states`, run as an operator runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

POSTROOM = Path(sys.executable).parent / "postroom"

pytestmark = pytest.mark.slow


def bench(database_url: str, folder: Path, *words: str) -> dict[str, Any]:
    environ = {**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "x" * 32, "DATA_DIR": str(folder)}
    command: list[str | Path] = [POSTROOM, "bench", *words, "--json"]
    run = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100)
    assert run.returncode == 0, run.stderr
    measured: dict[str, Any] = json.loads(run.stdout)
    return measured


@pytest.mark.parametrize("redis", ["--redis", "--no-redis"])
def test_sign_ups_are_measured_with_their_rows_committed(database_url: str, tmp_path: Path, redis: str) -> None:
    measured = bench(database_url, tmp_path, "signup", "--signups", "60", "--clients", "4", redis)
    assert measured["signups"] == 60
    assert measured["redis"] == ("up" if redis == "--redis" else "down")
    assert measured["database"] == database_url.partition(":")[0].partition("+")[0]
    assert 0 < measured["p50_ms"] <= measured["p95_ms"] <= measured["p99_ms"]
    assert measured["per_second"] > 0


def test_states_are_compared(database_url: str, tmp_path: Path) -> None:
    compared = bench(database_url, tmp_path, "states", "--rounds", "4")
    assert compared["same_bytes"]
    assert set(compared["median_ms"]) == {"new", "pending", "active", "left", "bounced", "suppressed"}
    assert compared["spread_ms"] >= 0
