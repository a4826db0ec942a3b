"""Consolidated list of the sanctions committees of the UN Security Council."""
