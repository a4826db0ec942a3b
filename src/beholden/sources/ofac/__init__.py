"""Layouts in which OFAC publishes its lists, shared by the SDN and the consolidated publication."""
