"""The register of legal entity identifiers: who is who (Level 1) and who consolidates whom (Level 2)."""
