"""Growth curves of one product, and fits to a series of your own."""
