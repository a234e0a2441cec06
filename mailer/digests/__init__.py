"""Issues: selection, assembly into a draft, editions, release."""
