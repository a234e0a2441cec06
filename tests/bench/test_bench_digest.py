"""`postroom bench digest`, run as an operator runs it."""

from pathlib import Path

import pytest

from tests.bench.test_bench_signup import bench

pytestmark = pytest.mark.slow


def test_each_step_of_a_digest_is_measured(database_url: str, tmp_path: Path) -> None:
    measured = bench(database_url, tmp_path, "digest", "--subscribers", "400", "--topics", "5", "--days", "8")
    assert measured["queued"] + measured["skipped"] == measured["subscribers"] == 400
    assert 1 < measured["editions"] <= 400
    assert measured["history"] > 8 * 300
    for name in ("ingest_seconds_per_1000", "selection_seconds", "fan_out_seconds", "rendering_seconds_per_1000"):
        assert measured[name] > 0
    assert measured["fan_out_rss_mb"] < 200
    assert measured["database"] == database_url.partition(":")[0].partition("+")[0]
