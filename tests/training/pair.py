"""Two processes of a module, forked from one that has loaded the libraries: `python -m tests.training.pair MODULE ARGUMENTS`.

It gives them what a launcher does: each its rank, and where they meet.
"""

from __future__ import annotations

import os
import runpy
import socket
import sys

# Imported before the fork, so that it is done once; nothing is computed here, so no thread is lost.
import torch._dynamo  # noqa: F401
import transformers  # noqa: F401

import badcase.training.network.setups
import badcase.training.runs.train  # noqa: F401


def start(rank: int, module: str, arguments: list[str]) -> int:
    """The process id of the one with this rank."""
    if child := os.fork():
        return child
    os.environ |= {"RANK": str(rank), "LOCAL_RANK": str(rank)}
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    sys.exit(0)


def main() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    children = [start(rank, sys.argv[1], sys.argv[2:]) for rank in range(2)]
    sys.exit(max(abs(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) for child in children))


if __name__ == "__main__":
    main()
