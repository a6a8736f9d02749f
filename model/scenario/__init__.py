"""Settings, cases, scenarios, and the links and files that carry them."""
