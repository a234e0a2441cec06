"""The tasks, one file per room they call."""
