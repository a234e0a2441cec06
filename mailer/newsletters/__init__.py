"""Newsletters, their topics and schedules; the calendar that turns schedules into slots."""
