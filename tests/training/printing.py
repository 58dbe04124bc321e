"""A user's module that prints while it is imported, as many do."""

from __future__ import annotations

from torch import nn

print("hello from the module")


def network() -> nn.Module:
    print("hello from the factory")
    return nn.Linear(2, 3)
