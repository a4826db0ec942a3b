"""Groups and campaigns of MITRE ATT&CK."""
