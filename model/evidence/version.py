"""The version of the data."""

from model.evidence.reader import DAY, data_version

__all__ = ["DAY", "data_version"]
