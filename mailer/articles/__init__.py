"""Sources and what they bring: fetch, parse, store once."""
