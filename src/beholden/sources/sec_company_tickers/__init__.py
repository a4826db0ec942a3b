"""Central index keys and tickers of companies that file with the SEC."""
