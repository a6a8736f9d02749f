"""Charts and the rows they draw; no widget, no file, no state."""
