"""Doors, one file per kind of visitor."""
