"""Readers of network logs: VPC flow records, Zeek connection, DNS and TLS logs."""
