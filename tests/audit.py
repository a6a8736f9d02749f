"""Known faults in the packages: `make audit` asks a database that pip-audit knows.

Where none answers, as behind a firewall, it says so in a sentence and does not fail: then nothing
was checked. With a fault it names package, version, fault and the version that mends it, and fails.
"""

import json
import subprocess
import sys
import sysconfig

NO_DATABASE = "No database of known faults answers from here, so no package was checked."


def report(text: str) -> tuple[str, bool]:
    """The findings of pip-audit as text, from its JSON, and whether a fault is known."""
    try:
        packages = json.loads(text)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        packages = []
    checked = [one for one in packages if "vulns" in one]
    if not checked:
        return NO_DATABASE, False
    faults = [
        f"{one['name']} {one['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for one in checked
        for fault in one["vulns"]
    ]
    skipped = ", ".join(one["name"] for one in packages if one not in checked)
    counted = f"{len(checked)} packages were checked, {len(faults)} faults are known."
    left_out = [f"Not in the database: {skipped}."] * bool(skipped)
    return "\n".join([*faults, counted, *left_out]), bool(faults)


def main(command: list[str]) -> int:
    """Run `command`, pip-audit with its options, on the packages of this environment."""
    options = ["--path", sysconfig.get_path("purelib"), "--format", "json", "--timeout", "10"]
    try:
        run = subprocess.run([*command, *options], capture_output=True, text=True, timeout=300)
    except (OSError, subprocess.TimeoutExpired):
        print(NO_DATABASE)
        return 0
    text, is_bad = report(run.stdout)
    print(text)
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
