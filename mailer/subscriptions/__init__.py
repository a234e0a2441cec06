"""Consent: signing up, confirming, leaving, and who may be mailed."""
