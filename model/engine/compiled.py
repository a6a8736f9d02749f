"""Compiled code of the kernel: where it lies, whether it may be used, and how it is made.

The first use of `kernel` compiles it, which takes some ten seconds of processor time. So it is
compiled once, at install (`python -m model compile`) or by a process beside a running server, into
one folder, whose name has a fingerprint of everything the code depends on. Where nothing is
compiled, or numba is not installed, `definition` answers: slower, with the same numbers.
"""

import hashlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

import numpy as np

ROOT = Path(__file__).parents[2]
FOLDER = "WECHAT_ABROAD_CACHE"  # environment variable that names another folder
SOURCES = ("definition.py", "kernel.py", "tables.py")
DONE = "complete"  # the file that lists what was compiled, written last
log = logging.getLogger(__name__)


def kernel() -> ModuleType | None:
    """The module `kernel` with compiled code, or None where there is none yet or no numba."""
    if not _module and (place := folder()) and _complete(place):
        _load(place)
    return _module[0] if _module else None


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """Where compiled code lies, a folder that can be written; None without one or without numba.

    A complete folder that cannot be written (an image, a disk that is read-only) is copied to a
    temporary one, because numba compiles again what it cannot write beside.
    """
    try:
        numba = version("numba")
    except PackageNotFoundError:
        log.warning("numba is not installed; answers take longer")
        return None
    files = [Path(__file__).parent / name for name in SOURCES]
    parts = [file.read_bytes() for file in files]
    # numba compiles anew where the file lies elsewhere or is of another time
    places = [(str(file), file.stat().st_mtime_ns) for file in files]
    versions = (numba, np.__version__, platform.python_version(), platform.machine())
    about = (*versions, _processor(), places)
    print_ = hashlib.sha256(repr(about).encode() + b"".join(parts)).hexdigest()[:12]
    chosen = os.environ.get(FOLDER)
    first = Path(chosen) if chosen else ROOT / ".compiled"
    second = Path(tempfile.gettempdir()) / f"wechat-abroad-{os.getuid() if os.name != 'nt' else ''}"
    for one in (first / print_, second / print_):
        if _writable(one):
            if one.parent == second and _complete(first / print_) and not _complete(one):
                shutil.copytree(first / print_, one, dirs_exist_ok=True)
            return one
    log.warning("no folder for compiled code can be written; answers take longer")
    return None


def compile_now() -> Path | None:
    """Compile into the folder, unless that is done; the folder, or None where it cannot be."""
    place = folder()
    if place is None or _complete(place):
        return place
    for old in place.glob("*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    _load(place)
    files = [f for f in sorted(place.rglob("*")) if f.is_file() and f.name != DONE]
    lines = [f"{_digest(f)} {f.relative_to(place).as_posix()}\n" for f in files]
    unfinished = place / f"{DONE}-{os.getpid()}"
    unfinished.write_text("".join(lines), encoding="utf-8")
    os.replace(unfinished, place / DONE)
    return place


@lru_cache(maxsize=1)
def compile_beside() -> subprocess.Popen | None:
    """The process that compiles, started once, where nothing is compiled; answers go on meanwhile.

    A thread would hold the interpreter's lock for most of the time. The cache keeps the process:
    one that nobody holds while it runs is reported as left open.
    """
    place = folder()
    if place is None or _complete(place):
        return None
    log.warning("nothing is compiled yet: answers take longer for half a minute")
    return subprocess.Popen(
        [sys.executable, "-m", "model", "compile"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


_module: list[ModuleType] = []  # once it is loaded


def _complete(place: Path) -> bool:
    """Whether a folder holds all of the compiled code, undamaged."""
    try:
        lines = (place / DONE).read_text(encoding="utf-8").splitlines()
        return bool(lines) and all(
            _digest(place / name) == digest
            for digest, name in (line.split(" ", 1) for line in lines)
        )
    except (OSError, ValueError):
        return False


def _load(place: Path) -> None:
    """Load the module, and its code from the folder; what is not there is compiled."""
    os.environ["NUMBA_CACHE_DIR"] = str(place)
    module = import_module("model.engine.kernel")
    module.compile_solve()
    _module[:] = [module]


def _writable(place: Path) -> bool:
    try:
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=place):
            return True
    except OSError:
        return False


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _processor() -> str:
    """The processor's model and abilities, as Linux tells them."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return "".join(dict.fromkeys(one for one in lines if one.startswith(("model name", "flags"))))
