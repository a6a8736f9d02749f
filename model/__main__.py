"""The command line: the same model and the same numbers as the page."""

import sys


def run() -> int:
    """Run one command; its exit code. Ctrl-C ends it without a traceback, also while importing."""
    try:
        import signal

        before = signal.getsignal(signal.SIGINT)
        if before is signal.default_int_handler:  # not where a shell has it ignored
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # an import could hide KeyboardInterrupt
        from model.cli.parser import main

        signal.signal(signal.SIGINT, before)
    except KeyboardInterrupt:
        return 130
    return main()


if __name__ == "__main__":
    sys.exit(run())
