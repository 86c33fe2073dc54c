"""Print the lowest versions that setup.cfg allows, as requirements for pip: `numpy>=1.26` becomes `numpy==1.26`.

    python tools/oldest_requirements.py > requirements.txt

Used by `make test-oldest`. Benchmarks pin their versions and are left out.
"""

from __future__ import annotations

import configparser
import re
from pathlib import Path

SETUP = Path(__file__).parents[1] / "setup.cfg"
EXTRAS = ("fast", "dev")


def oldest(requirements: str) -> list[str]:
    """The lines of a list of requirements, each with the lowest version it allows; raises ValueError without one."""
    pins = []
    for requirement in requirements.strip().splitlines():
        match = re.match(r"([\w.-]+)>=([\d.]+)", requirement)
        if not match:
            raise ValueError(f"setup.cfg: {requirement} has no lower bound")
        pins.append(f"{match[1]}=={match[2]}")
    return pins


def main() -> None:
    """Print a line for each requirement of the packages and of their tests."""
    parser = configparser.ConfigParser()
    parser.read(SETUP, "utf-8")
    lists = [parser["options"]["install_requires"], *(parser["options.extras_require"][name] for name in EXTRAS)]
    print(*dict.fromkeys(pin for requirements in lists for pin in oldest(requirements)), sep="\n")


if __name__ == "__main__":
    main()
