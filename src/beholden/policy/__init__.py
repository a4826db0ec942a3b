"""Matches → findings as of a date."""
