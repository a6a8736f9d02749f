"""Keeps the memory of a server that runs for long; what is not used any more goes back.

The page does without Streamlit's collection of garbage after each rerun. And the C library of Linux
comes to keep freed blocks of up to 32 MB for each thread: within ten minutes of many visitors
memory rose from 330 to 530 MB.
"""

import asyncio
import ctypes
import gc
from contextlib import suppress

PAUSE = 15  # seconds
LARGE = 128 * 1024  # bytes
M_MMAP_THRESHOLD = -3  # of mallopt(3)


def free_large_blocks() -> None:
    """Let blocks from LARGE on go back to the system at once when they are freed."""
    with suppress(AttributeError, TypeError):  # on macOS; on Windows
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, LARGE)


async def give_back() -> None:
    """Collect garbage and give free memory back every PAUSE seconds, for ever."""
    gc.collect()
    gc.freeze()  # modules and data stay: a collection looks at the rest alone, for a few ms
    trim = None
    with suppress(AttributeError, TypeError):
        trim = ctypes.CDLL(None).malloc_trim
    while True:
        await asyncio.sleep(PAUSE)
        gc.collect()
        if trim:
            await asyncio.to_thread(trim, 0)
