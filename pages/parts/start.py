"""The command `wechat-abroad`: alone it opens the page, with words it is the command line."""

import subprocess
import sys
from pathlib import Path

from model.cli.parser import main as run_command

ROOT = Path(__file__).resolve().parents[2]  # where Streamlit finds the settings of the page too
OPTIONS = ("--server.address=localhost", "--server.showEmailPrompt=false")


def main() -> int:
    """The exit code: of the server of the page, or of a command like `wechat-abroad cases`."""
    if len(sys.argv) > 1:
        return run_command()
    command = [sys.executable, "-m", "streamlit", "run", "deploy/serve.py", *OPTIONS]
    try:
        return subprocess.run(command, cwd=ROOT).returncode
    except KeyboardInterrupt:
        return 0  # the server has ended by the same key
