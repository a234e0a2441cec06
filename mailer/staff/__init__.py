"""Accounts of those who work here, how they come in, and what they did."""
