"""Readers of money records: ledgers and payment lists."""
