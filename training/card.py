"""The card of a trained model, README.md beside its weights, in the form that the Hugging Face hub reads.

Source: https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.files import write_whole
from badcase.items.kinds import Kind
from badcase.journal import VerdictCode
from badcase.language import _
from training.folding import Folded
from training.metrics import measure, sizes, titles
from training.runs import Run
from training.terms import Terms, digest_of

if TYPE_CHECKING:
    from badcase.project import Project

TASKS = {Kind.IMAGE: "image-classification", Kind.TEXT: "text-classification"}
# Our name: that of the hub.
_METRICS = {"accuracy": "accuracy", "macro_f1": "f1", "micro_f1": "f1", "mean_ap": "mean_average_precision",
            "validation_loss": "loss"}  # fmt: skip


def write_card(
    folder: Path, project: Project, terms: Terms, folded: Folded, run: Run, logits: npt.NDArray[np.float16]
) -> None:
    """Write README.md into the folder of a saved model; logits (n, k) are its answers over the hold-out."""
    measured = {_("validation"): (run.metrics(), len(folded.validation))}
    gold = _gold(project)
    if len(gold):
        labels = project.answers(project.labels[gold])
        measured[_("gold, which neither training nor selection has seen")] = (measure(logits[gold], labels), len(gold))
    plain = (folder / "config.json").exists() and not (folder / "badcase.json").exists()
    blocks = [
        _header(project, measured, plain),
        f"# {_('Run {n} of {name}').format(n=run.folder.name, name=project.name)}",
        *_sections(project, terms, folded, measured, run),
        f"## {_('How to load it')}",
        _("In this folder:"),
        f"```python\n{loading(project.kind, plain=plain)}\n```",
    ]
    with write_whole(folder / "README.md") as path:
        path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def loading(kind: Kind, *, plain: bool) -> str:
    """Python that loads the model from the folder it runs in; plain: with transformers alone."""
    if not plain:
        return (
            "from badcase.models import load_model\n"
            'model = load_model(".")  # a torch network: model.network; its classes: model.classes\n'
            "print(model.forward(model._example()).logits)  # give model.prepare([...]) images or texts of yours"
        )
    model, inputs = {
        Kind.IMAGE: ("AutoModelForImageClassification", "AutoImageProcessor"),
        Kind.TEXT: ("AutoModelForSequenceClassification", "AutoTokenizer"),
    }[kind]
    return (
        f"from transformers import {inputs}, {model}\n"
        f'model, inputs = {model}.from_pretrained("."), {inputs}.from_pretrained(".")\n'
        "print(model.config.id2label)"
    )


def _gold(project: Project) -> npt.NDArray[np.int64]:
    usable = project.gold & (project.verdicts != VerdictCode.EXCLUDE) & (project.verdicts != VerdictCode.UNSURE)
    return np.flatnonzero(usable)


def _header(project: Project, measured: Mapping[str, tuple[Mapping[str, float], int]], plain: bool) -> str:
    """The YAML block; every string is written as JSON, which is YAML too."""
    task = TASKS[project.kind]
    lines = ["---", f"library_name: {'transformers' if plain else 'badcase'}", f"pipeline_tag: {task}"]
    lines += ["tags:", "- badcase", "model-index:", f"- name: {json.dumps(project.name)}", "  results:"]
    for split, (values, _items) in measured.items():
        lines += ["  - task:", f"      type: {task}", "    dataset:", f"      name: {json.dumps(project.name)}"]
        lines += [f"      type: {json.dumps(project.name)}", f"      split: {json.dumps(split)}", "    metrics:"]
        for name, known in ((name, known) for name, known in _METRICS.items() if name in values):
            lines += [f"    - type: {known}", f"      name: {json.dumps(name)}", f"      value: {values[name]:.6f}"]
    return "\n".join([*lines, "---"])


def _sections(
    project: Project, terms: Terms, folded: Folded, measured: Mapping[str, tuple[Mapping[str, float], int]], run: Run
) -> list[str]:
    counts, names = sizes(folded.train.labels, len(project.label_names)), titles(several=project.task == "multilabel")
    table = [f"| {_('on')} | {_('items')} | {' | '.join(names.values())} |", "|---" * (2 + len(names)) + "|"]
    table += [
        f"| {split} | {n} | " + "".join(f"{m[name]:.4f} | " for name in names).rstrip() for split, (m, n) in measured.items()
    ]
    classes = [f"| {_('class')} | {_('training items')} |", "|---|---|"]
    classes += [f"| {name} | {n} |" for name, n in zip(project.label_names, counts.tolist(), strict=True)]
    return [
        f"## {_('Data')}", "\n".join(f"- {line}" for line in _data(project, terms, folded)),
        f"## {_('Measures')}", "\n".join(table),
        f"## {_('Classes')}", "\n".join(classes),
        f"## {_('Limits')}", "\n".join(f"- {line}" for line in _limits(project, counts, len(measured) > 1)),
        f"## {_('Recipe')}", f"```toml\n{terms.recipe.to_toml(explained=False)}```",
        f"## {_('Versions')}", ", ".join(f"{name} {version}" for name, version in versions().items()),
    ]  # fmt: skip


def _data(project: Project, terms: Terms, folded: Folded) -> list[str]:
    return [
        _("Project {name}, {n} items; {train} trained on, {validation} chose the checkpoint.").format(
            name=project.name, n=len(project.items), train=len(folded.train), validation=len(folded.validation)),
        _("Fingerprint of the items, labels and weights that it learnt from: {digest}.").format(digest=digest_of(folded)),
        _("Labels at revision {revision}: {fixed} corrected, {kept} confirmed, {excluded} excluded, {unsure} unsure.")
        .format(revision=terms.revision, fixed=folded.corrections, kept=folded.confirmed, excluded=folded.exclusions,
                unsure=folded.unsure),
        _("Start: {start}; seed {seed}.").format(start=terms.start, seed=terms.seed),
    ]  # fmt: skip


def _limits(project: Project, counts: npt.NDArray[Any], gold: bool) -> list[str]:
    few = int(counts.argmin())
    answers = _("It answers with one of these {n} classes whatever it is shown, what belongs to none of them too.")
    if project.task == "multilabel":
        answers = _("It answers with any of these {n} labels: those whose probability is above one half.")
    lines = [
        answers.format(n=len(project.label_names)),
        _("The measures hold for items that come from where these came from."),
        _("The class with the fewest training items is {name}, with {n}.").format(name=project.label_names[few], n=counts[few]),
    ]  # fmt: skip
    return lines if gold else [*lines, _("No gold was set apart: the checkpoint was chosen on what measures it.")]


def versions() -> dict[str, str]:
    import torch
    import transformers

    return {"python": platform.python_version(), "torch": torch.__version__, "transformers": transformers.__version__,
            "numpy": np.__version__}  # fmt: skip
