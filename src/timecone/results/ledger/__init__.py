"""A ledger of forecasts: the quoted numbers of dated runs in a text file."""
