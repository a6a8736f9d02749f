"""How far WeChat could go outside China: the model, without any user interface."""

from model.projection import project
from model.scenario import case

__all__ = ["case", "project"]
