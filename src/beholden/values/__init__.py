"""Identifier kinds and names: normal forms and checks."""
