"""Gives memory that was freed back to the system.

The C library keeps it for each thread that ever computed, and a server's threads come and go.
"""

import asyncio
import ctypes

PAUSE = 15  # seconds


async def give_back() -> None:
    """Give free memory back every PAUSE seconds, for ever; where the C library is another, end."""
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, TypeError):  # on macOS; on Windows
        return
    while True:
        await asyncio.sleep(PAUSE)
        await asyncio.to_thread(trim, 0)
