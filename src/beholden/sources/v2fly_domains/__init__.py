"""Domains by service, as the community list for traffic routing has them."""
