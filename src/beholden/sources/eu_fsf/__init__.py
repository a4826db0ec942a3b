"""EU financial sanctions: the consolidated list, and annexes of single regulations."""
