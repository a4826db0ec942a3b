"""Where it executes: scan, reduce, match, policy, in this order."""
