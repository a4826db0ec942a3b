"""Findings and coverage as files and on the terminal: pure functions of the result document."""
