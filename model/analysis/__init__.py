"""Questions to a scenario, each a batch of simulation runs."""
