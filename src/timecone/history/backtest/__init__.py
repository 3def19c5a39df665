"""Back-test: forecasts of the fit from past dates, scored against observed values beside naive forecasts."""
