"""Consolidated (non-SDN) sanctions list of OFAC."""
