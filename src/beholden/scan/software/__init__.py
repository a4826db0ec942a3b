"""Readers of software inventories: bills of materials and lockfiles."""
