"""Registers in which an organisation declares what its other records do not say: data flows, products."""
