"""Intake, processing, sending and the timetable."""
