"""The contract: tables, batches, the result document and its words; no logic."""
