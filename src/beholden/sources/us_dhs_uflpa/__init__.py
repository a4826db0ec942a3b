"""UFLPA Entity List of the Department of Homeland Security."""
