"""Address ranges by the autonomous system that announces them."""
