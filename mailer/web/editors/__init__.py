"""Doors for editors: login and desk."""
