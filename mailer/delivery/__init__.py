"""The accounting of mail: fan-out, claim, send, record, sweep."""
