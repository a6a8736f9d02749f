"""Files that are written whole, by one program at a time.

The rows go to an unfinished file beside the final one, which is locked and renamed at the end. A
program that is killed leaves the old final file, and its lock ends with it.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

# a file system that knows no locks, as some clusters have: two sweeps into one file are up to you
NO_LOCKS = (errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP)
FAR = 2**40  # bytes: Windows locks a byte against reading too, so one that no file reaches


class InUseError(OSError):
    """Another program is writing the file."""


def unfinished(path: Path) -> Path:
    """The file beside `path` that holds what is written until all of it is."""
    return path.with_name(f"{path.name}.unfinished")


@contextmanager
def open_whole(path: Path, *, new: bool = False) -> Iterator[BinaryIO]:
    """An empty file that becomes `path` when the block ends without an error.

    An error leaves `path` as it was, and the unfinished file beside it.
    Raises InUseError if another program is writing `path`, other OSErrors if it cannot be written.

    new : raise FileExistsError if `path` exists
    """
    _check_new(path, new)
    try:
        with _locked(unfinished(path)) as file:
            _check_new(path, new)  # the program that had the lock may just have ended
            file.truncate(0)
            yield file
            file.flush()
            os.fsync(file.fileno())  # else a power cut could leave the final name with half of it
            if sys.platform != "win32":
                unfinished(path).replace(path)  # still locked
        if sys.platform == "win32":  # renames no open file
            unfinished(path).replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)  # a full disk does not say for which file
        raise


def _check_new(path: Path, new: bool) -> None:
    """Raise FileExistsError if the path must be new and exists."""
    if new and path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file, made if there is none, open for writing by this program alone."""
    while True:
        with path.open("ab") as file:
            try:
                _lock(file)
            except OSError as error:
                if error.errno not in NO_LOCKS:
                    text = "another program is writing it"
                    raise InUseError(errno.EAGAIN, text, str(path)) from None
            if _is_still(file, path):
                yield file
                return


def _lock(file: BinaryIO) -> None:
    """Lock the file until it is closed; raises OSError if another program has locked it."""
    if sys.platform == "win32":
        file.seek(FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
    else:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # unlike flock, not passed on to workers


def _is_still(file: BinaryIO, path: Path) -> bool:
    """Whether the program before did not rename or remove the file since it was opened."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
