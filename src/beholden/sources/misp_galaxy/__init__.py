"""Actors, institutions and vendors as clusters of the MISP galaxy name them."""
