"""Flow, connection, name and TLS logs."""
