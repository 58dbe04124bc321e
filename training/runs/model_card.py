"""The card of a trained model, README.md beside its weights, in the form that the Hugging Face hub reads.

Source: https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from badcase.i18n import _, pgettext
from badcase.items.kinds import Kind
from badcase.shown_tables import markdown_head, plain_markdown
from badcase.store.atomic_files import write_whole
from badcase.store.temperature import read_temperature
from badcase.store.thresholds import FILE as THRESHOLDS
from badcase.store.thresholds import LogitThresholds, read_logit_thresholds
from badcase.training.comparison.gold import gold_labels
from badcase.training.data.run_spec import RunSpec, digest_of
from badcase.training.data.training_set import TrainingSet
from badcase.training.metrics.single_label import measure, sizes, titles
from badcase.training.metrics.written import written
from badcase.training.recipe.tasks import SEVERAL
from badcase.training.run_folder.run import Run

if TYPE_CHECKING:
    from badcase.project import Project

TASKS = {Kind.IMAGE: "image-classification", Kind.TEXT: "text-classification"}
# Our name: that of the hub.
_METRICS = {
    "accuracy": "accuracy",
    "macro_f1": "f1",
    "micro_f1": "f1",
    "mean_ap": "mean_average_precision",
    "validation_loss": "loss",
}


def write_card(
    folder: Path,
    project: Project,
    spec: RunSpec,
    training_set: TrainingSet,
    run: Run,
    measures: dict[str, float],
    logits: npt.NDArray[np.float16],
) -> None:
    """Write README.md into the folder of a saved model.

    Args:
        folder: Where the model lies.
        project: The project.
        spec: Of the run.
        training_set: What it learnt from.
        run: Its history.
        measures: What the thresholds change of those of the run.
        logits: (n, k) the model's answers over the hold-out.
    """
    measured = {"validation": (run.metrics() | measures, len(training_set.validation))}
    (gold, held), logit_thresholds = gold_labels(project), read_logit_thresholds(run.folder, project.label_names)
    if len(gold):
        labels = project.taxonomy.answers(held)
        found = measure(logits[gold], labels, logit_thresholds)
        measured["gold"] = (found, len(gold))
    kept = folder / "badcase.json"
    plain = (folder / "config.json").exists() and not kept.exists()
    by_code = kept.exists() and '"kind": "factory"' in kept.read_text(encoding="utf-8")
    heat, several = read_temperature(run.folder), project.task == SEVERAL
    code = loading(project.kind, plain=plain, by_code=by_code, several=several, temperature=heat)
    blocks = [
        _header(project, measured, plain),
        "# " + _("Run {n} of {name}").format(n=run.folder.name, name=plain_markdown(project.name)),
        *_sections(project, spec, training_set, measured, logit_thresholds),
        "## " + _("How to load it"),
        _("In this folder:"),
        f"```python\n{code}\n```",
    ]
    with write_whole(folder / "README.md") as path:
        path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def loading(kind: Kind, *, plain: bool, by_code: bool = False, several: bool = False, temperature: float = 1) -> str:
    """Python that loads the model from the folder it runs in and classifies an item.

    Args:
        kind: Images or texts.
        plain: By transformers alone.
        by_code: A function of the user's builds the network.
        several: It answers with any number of labels.
        temperature: What logits are divided by for the confidence.
    """
    one = {
        Kind.IMAGE: 'Image.new("RGB", (224, 224), "green")  # or Image.open("photo.jpg").convert("RGB")',
        Kind.TEXT: '"a text of yours"',
    }[kind]
    pillow = ["from PIL import Image"] if kind is Kind.IMAGE else []
    first = ["import json"] if several else []
    if not plain:
        lines = [*first, "import torch", *pillow, "from badcase.models import load_model", ""]
        lines += ["# The code that badcase.json names builds the network: read it first."] if by_code else []
        trusting = ", trust_remote_code=True" if by_code else ""
        lines += [f'model = load_model("."{trusting})  # model.network is the torch network itself']
        lines += [f"{kind} = {one}", f"batch = model.prepare([{kind}])", "with torch.inference_mode():"]
        lines += ["    logits = model.forward(batch).logits[0]"]
        return "\n".join([*lines, *_answer("model.classes", several, temperature)])
    network, made, options = {
        Kind.IMAGE: ("AutoModelForImageClassification", "AutoImageProcessor", ""),
        Kind.TEXT: ("AutoModelForSequenceClassification", "AutoTokenizer", "truncation=True, "),
    }[kind]
    lines = [*first, "import torch", *pillow, f"from transformers import {', '.join(sorted((made, network)))}", ""]
    lines += [f'model = {network}.from_pretrained(".")', f'prepare = {made}.from_pretrained(".")', f"{kind} = {one}"]
    lines += ["with torch.inference_mode():"]
    lines += [f'    logits = model(**prepare({kind}, {options}return_tensors="pt")).logits[0]']
    return "\n".join([*lines, *_answer("model.config.id2label", several, temperature)])


def _answer(names: str, several: bool, temperature: float) -> list[str]:
    """Python that prints what logits (k,) say of an item."""
    if not several:
        return [
            f"shares = (logits / {temperature:.4g}).softmax(0)  # the temperature fitted on the validation items",
            f"print({names}[int(shares.argmax())], float(shares.max()))",
        ]
    return [
        f'with open("{THRESHOLDS}", encoding="utf-8") as file:',
        "    thresholds = json.load(file)",
        "for number, share in enumerate(logits.sigmoid().tolist()):",
        f"    if share > thresholds.get({names}[number], 0.5):",
        f"        print({names}[number], share)",
    ]


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
    project: Project,
    spec: RunSpec,
    training_set: TrainingSet,
    measured: Mapping[str, tuple[Mapping[str, float], int]],
    logit_thresholds: LogitThresholds,
) -> list[str]:
    several = project.task == SEVERAL
    counts, names = sizes(training_set.train.labels, len(project.label_names)), titles(several=several)
    table = markdown_head(pgettext("measured on these items", "on"), _("items"), *names.values())
    splits = {"validation": _("validation"), "gold": _("gold, which neither training nor selection has seen")}
    table += [
        f"| {splits[split]} | {n} | " + "".join(f"{written(name, m[name])} | " for name in names).rstrip()
        for split, (m, n) in measured.items()
    ]
    classes = markdown_head(_("class"), _("training items"), *([_("threshold")] if several else []))
    shares = [f" {share:.3f} |" if several else "" for share in (1 / (1 + np.exp(-logit_thresholds))).tolist()]
    rows = zip(project.label_names, counts.tolist(), shares, strict=True)
    classes += [f"| {plain_markdown(name)} | {n} |{share}" for name, n, share in rows]
    return [
        "## " + _("Data"),
        "\n".join(f"- {line}" for line in _data(project, spec, training_set)),
        "## " + _("Measures"),
        "\n".join(table),
        "## " + _("Classes"),
        "\n".join(classes),
        *_meanings(project),
        "## " + _("Limits"),
        "\n".join(f"- {line}" for line in _limits(project, counts, len(measured) > 1)),
        "## " + _("Recipe"),
        f"```toml\n{spec.recipe.to_toml(explained=False)}```",
        "## " + _("Versions"),
        ", ".join(f"{name} {version}" for name, version in versions().items()),
    ]


def _data(project: Project, spec: RunSpec, training_set: TrainingSet) -> list[str]:
    return [
        _("Project {name}, {n} items; {train} trained on, {validation} chose the checkpoint.").format(
            name=plain_markdown(project.name),
            n=len(project.items),
            train=len(training_set.train),
            validation=len(training_set.validation),
        ),
        _("Fingerprint of the items, labels and weights that it learnt from: {digest}.").format(digest=digest_of(training_set)),
        _("Labels at revision {revision}: {fixed} corrected, {kept} confirmed, {excluded} excluded, {unsure} unsure.").format(
            revision=spec.revision,
            fixed=training_set.corrections,
            kept=training_set.confirmed,
            excluded=training_set.exclusions,
            unsure=training_set.unsure,
        ),
        _("Labels trusted only in part: {n}.").format(n=training_set.soft),
        _("Start: {start}; seed {seed}.").format(start=plain_markdown(str(spec.start)), seed=spec.seed),
    ]


def _meanings(project: Project) -> list[str]:
    """What people have said that the classes mean; nothing where nobody has."""
    told = [
        f"- **{plain_markdown(one.name)}**: {plain_markdown(one.meaning)}" for one in project.class_edits.all() if one.meaning
    ]
    return ["## " + _("What the classes mean"), "\n".join(told)] if told else []


def _limits(project: Project, counts: npt.NDArray[Any], gold: bool) -> list[str]:
    few = int(counts.argmin())
    answers = _("It always predicts one of these {n} classes, even for an item that belongs to none of them.")
    if project.task == SEVERAL:
        answers = _("It predicts any number of these {n} labels: those whose probability is above the label's threshold.")
    lines = [
        answers.format(n=len(project.label_names)),
        _("The measures hold for items from the same source as these."),
        _("The class with the fewest training items is {name}, with {n}.").format(
            name=plain_markdown(project.label_names[few]), n=counts[few]
        ),
    ]
    return lines if gold else [*lines, _("There is no gold set: the measures come from the items that chose the checkpoint.")]


def versions() -> dict[str, str]:
    import torch

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": version("transformers"),  # importing it takes a second, and a head on features needs none of it
        "numpy": np.__version__,
    }
