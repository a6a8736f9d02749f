"""Contrast of colours, as WCAG 2.2 counts it (1.4.3 and 1.4.11)."""

import numpy as np

PAGES = ("#ffffff", "#0e1117", "#171614")  # light, and two dark ones


def linear(colour):
    """Red, green and blue of a colour as shares of light."""
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def light(colour):
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def contrast(one, other):
    low, high = sorted([light(one), light(other)])
    return (high + 0.05) / (low + 0.05)
