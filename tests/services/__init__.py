"""The real servers that tests speak to: PostgreSQL, Valkey, SMTP, a browser."""
