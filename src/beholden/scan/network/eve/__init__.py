"""Suricata's EVE log: one file that holds events of many types, each read by a module of its own."""
