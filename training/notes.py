"""The notes of a run, which write themselves: what changed against which parent, why, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from badcase.files import write_whole
from badcase.language import _
from training.diagnose import diagnose
from training.metrics import titles
from training.plan import Plan
from training.runs import NOTES

if TYPE_CHECKING:
    from badcase.project import Project


def write_notes(project: Project, number: int, plan: Plan, why: str) -> None:
    """Write notes.md of a finished run. A person may add to it; it is not read back."""
    row = project.run(number)
    m, names = row.metrics, titles(several=project.task == "multilabel")
    lines = [f"# {_('Run')} {number}: {row.title}", ""]
    lines.append(_("Parent: run {parent}.").format(parent=plan.parent) if plan.parent else _("No parent."))
    lines.append(_("Labels at revision {revision}, seed {seed}.").format(revision=row.revision, seed=row.seed))
    lines += [*plan.sentences, "", f"## {_('What changed')}"]
    lines += [f"- {title}: {old} → {new}" for title, old, new in plan.differences]
    if plan.new_verdicts:
        lines.append("- " + _("{n} verdicts since the parent run").format(n=plan.new_verdicts))
    if not plan.differences and not plan.new_verdicts:
        lines.append("- " + _("nothing"))
    if bool(plan.differences) + bool(plan.new_verdicts) + max(len(plan.differences) - 1, 0) > 1:
        lines.append("- " + _("More than one thing changed: the difference has no single cause."))
    lines += ["", f"## {_('Why')}", why or _("Not said."), "", f"## {_('What came of it')}"]
    lines.append(
        _("Best in epoch {best:.0f} of {epochs:.0f}: {measures} on the validation items.").format(
            best=m["best_epoch"], epochs=m["epochs"],
            measures=", ".join(f"{title} {m[name]:.4f}" for name, title in names.items()),
        )
    )  # fmt: skip
    lines += [f"{finding.title}. {finding.text}" for finding in diagnose(project, number)]
    with write_whole(row.folder / NOTES) as path:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
