"""What the publications about networks and threats share: address ranges and strict JSON objects."""
