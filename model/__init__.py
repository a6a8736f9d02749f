"""How far WeChat could go outside China: the model, without any user interface."""

TYPE_CHECKING = False  # typing's own would be imported for it alone
if TYPE_CHECKING:
    from model.engine.projection import project
    from model.scenario.scenario import case

__all__ = ["case", "project"]


def __getattr__(name: str) -> object:
    """`case` or `project`, imported when one is used: `python -m model` comes by here first."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from model.engine.projection import project
    from model.scenario.scenario import case

    return {"case": case, "project": project}[name]
