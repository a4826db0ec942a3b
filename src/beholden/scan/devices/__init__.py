"""Readers of device records: DHCP leases."""
