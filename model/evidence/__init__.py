"""Reads and checks data/."""
