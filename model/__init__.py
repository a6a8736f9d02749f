"""How far WeChat could go outside China: the model, without any user interface."""

from model.engine.projection import project
from model.scenario.scenario import case

__all__ = ["case", "project"]
