"""Address ranges by the country they are registered or used in."""
