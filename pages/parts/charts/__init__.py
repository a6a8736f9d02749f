"""Charts and the rows that they draw; they read no widget, no file and no state."""
