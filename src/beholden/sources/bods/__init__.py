"""Statements in the Beneficial Ownership Data Standard."""
