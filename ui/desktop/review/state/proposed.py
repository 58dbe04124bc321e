"""What machines propose of the item that is judged, the one that agrees with people most first. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from badcase.project import Project
from badcase.proposals.taking import MachineAgreement, machine_agreements


@dataclass(frozen=True, slots=True)
class MachineProposal:
    """The proposal of one machine: its class, and how far the machine was found to agree with people."""

    by: str
    label: int
    agreement: MachineAgreement


class MachineProposals:
    """All of them, read when they are first asked for: every item that is shown asks. `forget` once others may change them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.forget()

    def forget(self) -> None:
        """Read anew the next time."""
        self._machines: list[MachineAgreement] | None = None
        self._labels: dict[str, np.ndarray] = {}

    @property
    def some(self) -> bool:
        """Whether any machine proposes anything."""
        if self._machines is None:
            self._machines = self._read()
        return bool(self._machines)

    def of(self, item: int) -> list[MachineProposal]:
        """What is proposed of an item."""
        if not self.some or self._machines is None:
            return []
        labels = [int(self._labels[one.by][item]) for one in self._machines]
        return [MachineProposal(one.by, label, one) for one, label in zip(self._machines, labels, strict=True) if label >= 0]

    def _read(self) -> list[MachineAgreement]:
        machines = machine_agreements(self._project)
        for one in machines:
            made = self._project.proposals.of(one.by)
            self._labels[one.by] = np.full(len(self._project.items), -1, np.int32)
            self._labels[one.by][made.items] = made.labels
        return sorted(machines, key=lambda one: (-(one.interval or (-1.0, 0.0))[0], one.by))
