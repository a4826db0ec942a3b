"""What the regional internet registries have given out, and where."""
