from datetime import UTC, datetime

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
