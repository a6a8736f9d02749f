"""Fits the settings to the evidence and scores past forecasts."""
