"""Vulnerabilities that the US Cybersecurity and Infrastructure Security Agency knows to be exploited."""
