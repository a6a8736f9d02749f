"""Settings, cases, scenarios, the links that carry them, and the files that people give."""
