"""Records of traffic, whatever the log, joined and judged: who opened it, what left our side, under which name."""
