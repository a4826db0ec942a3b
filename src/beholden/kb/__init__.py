"""The knowledge base as an object: look-ups, statuses at a date, ownership."""
