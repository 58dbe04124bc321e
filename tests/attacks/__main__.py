"""`python -m tests.attacks`: every attack of this room one after the other; the exit status is 1 where one got through.

Each is called without arguments. `python -m tests.attacks.NAME --help` tells what one of them takes by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import tests.attacks


def main() -> int:
    """Run all that have a `main`, which returns its exit status."""
    through = []
    for found in pkgutil.iter_modules(tests.attacks.__path__):
        if found.name.startswith(("__", "test_")):
            continue
        attack = getattr(importlib.import_module(f"tests.attacks.{found.name}"), "main", None)
        if attack is None:
            continue
        print(f"== {found.name}", flush=True)
        if attack([]):
            through.append(found.name)
    print("all held" if not through else f"got through: {', '.join(through)}")
    return 1 if through else 0


if __name__ == "__main__":
    sys.exit(main())
