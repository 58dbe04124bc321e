"""The preflight, a look at a few items before the long run: what people get wrong about classes, preparation, tokenizers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from badcase.i18n import _, percent
from badcase.items import Items, Kind
from badcase.items.a_few import EACH, a_few_of_each
from badcase.models.backbone import Backbone
from badcase.models.foreign.first_pass import stated_size
from badcase.models.inputs import Batch, ImageInputs, ProcessorInputs, TextInputs
from badcase.models.model import Model
from badcase.models.running import Runner
from badcase.multilabel_matrix import LabelMatrix, rarest_label

GOOD = 0.9  # nothing is wrong with the preparation of a model that is this accurate
GAIN = 0.2  # how much more accurate another reading must be before it is worth saying
SECONDS = 15.0  # for trying other normalizations
Normalization: TypeAlias = tuple[tuple[float, ...], tuple[float, ...]]  # mean and deviation of the channels
NORMALIZATIONS: dict[str, Normalization] = {
    "ImageNet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "-1 ... 1": ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "0 ... 1": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    "0 ... 255": ((0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255)),
}


class Level(StrEnum):
    """Whether a finding is in order, worth knowing, or likely a mistake."""

    FINE = "fine"
    NOTE = "note"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One sentence about the model on this data, and what to do about it."""

    level: Level
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class PreflightReport:
    """What a look at a few items found.

    Attributes:
        items: How many items were looked at.
        accuracy: On their labels; None without a head.
        class_map: `class_map[j]` is the project's class that the model's output j fits best, where that differs from the order
            given.
        findings: Sentences, with what to do about each.
    """

    items: int
    accuracy: float | None = None
    class_map: list[int] | None = None
    findings: list[PreflightFinding] = field(default_factory=list)

    @property
    def sentences(self) -> list[str]:
        return [finding.text for finding in self.findings]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def preflight(runner: Runner, labels: npt.NDArray[Any], classes: tuple[str, ...]) -> PreflightReport:
    """Run the model on items of every class and report in sentences; the model and the items stay as they are.

    Args:
        runner: Runs the model.
        labels: (n,) class ids, or (n, k) which labels each item has.
        classes: Their names.
    """
    model, items = runner.model, runner.items
    several = labels.ndim == 2
    chosen = a_few_of_each(rarest_label(labels) if several else labels, len(classes) + several)  # one more: no label
    loaded = [runner.load(chosen[start : start + runner.batch_size]) for start in range(0, len(chosen), runner.batch_size)]
    batches = [part.batch for part in loaded]
    findings = [*_text_findings(model, items, chosen), *_image_findings(model, items, chosen, batches[0])]
    if isinstance(model, Backbone):  # a head is fitted later
        runner.forward({name: tensor[:1] for name, tensor in batches[0].items()})  # what fails, fails before the run
        return PreflightReport(len(chosen), findings=findings)
    logits = _logits(runner, batches)
    if not np.isfinite(logits).all():  # the prediction says which and how many
        return PreflightReport(len(chosen), findings=findings)
    if several:
        read = np.array([int(i) not in part.unread for part in loaded for i in part.ids])
        label_map = better_labels(logits[read] > 0, labels[chosen][read])
        findings += [] if label_map is None else [_order_finding(label_map, classes)]
        return PreflightReport(len(chosen), None, label_map, findings)
    seen = np.array([-1 if int(i) in part.unread else labels[i] for part in loaded for i in part.ids])
    if (labels < 0).all():  # nothing to agree with yet
        return PreflightReport(len(chosen), None, None, [*findings, *_constant_finding(logits, classes)])
    accuracy = float((logits.argmax(1) == seen)[seen >= 0].mean()) if (seen >= 0).any() else 0.0
    findings.insert(0, _accuracy_finding(accuracy, len(chosen), len(classes)))
    findings += _constant_finding(logits, classes)
    class_map = _better_classes(logits[seen >= 0], seen[seen >= 0], accuracy)
    if class_map is not None:
        findings.append(_class_finding(class_map, logits, seen, classes))
    elif model.kind is Kind.IMAGE and accuracy < GOOD:
        findings += _normalization_findings(runner, batches, seen, accuracy)
    return PreflightReport(len(chosen), accuracy, class_map, findings)


def _logits(runner: Runner, batches: list[Batch]) -> npt.NDArray[np.float32]:
    parts = [runner.forward(batch).logits.float().cpu() for batch in batches]
    logits: npt.NDArray[np.float32] = torch.cat(parts).numpy()
    return logits


def _accuracy_finding(accuracy: float, n: int, k: int) -> PreflightFinding:
    text = _("On {n} items of all classes the model agrees with {share} of the labels.").format(n=n, share=percent(accuracy))
    chance = 1 / k
    if accuracy > chance + 2 * (chance * (1 - chance) / n) ** 0.5:
        return PreflightFinding(Level.FINE, text)
    hint = _("Check that this model was trained on these classes, and how its inputs were prepared then.")
    worse = accuracy < chance - 2 * (chance * (1 - chance) / n) ** 0.5
    how = _("That is worse than guessing.") if worse else _("That is no better than guessing.")
    return PreflightFinding(Level.WARNING, f"{text} {how}", hint)


def _constant_finding(logits: npt.NDArray[np.float32], classes: tuple[str, ...]) -> Iterator[PreflightFinding]:
    if len(classes) > 1 and len(np.unique(logits.argmax(1))) == 1:
        name = classes[int(logits[0].argmax())]
        text = _("The model gives the same class to every item: {name}.").format(name=name)
        yield PreflightFinding(Level.WARNING, text, _("Weights that were not loaded, or inputs scaled wrongly, look like this."))


def _better_classes(logits: npt.NDArray[np.float32], labels: npt.NDArray[Any], accuracy: float) -> list[int] | None:
    """Another assignment of outputs to classes that fits far better; only where there are several items a class."""
    from scipy.optimize import linear_sum_assignment

    n, k = logits.shape
    if n < EACH * k or accuracy > 1 - GAIN:
        return None
    fits = np.zeros((k, k))  # [output, class]
    np.add.at(fits, (logits.argmax(1), labels), 1)
    outputs, targets = linear_sum_assignment(-fits)
    found = fits[outputs, targets].sum() / n
    # By chance alone the best of all assignments fits some items, fewer the more items there are in a class.
    chance = 1 / k + 1.5 * (k / n) ** 0.5
    return targets.tolist() if found > max(accuracy + GAIN, chance, 0.5) else None


def _class_finding(
    class_map: list[int], logits: npt.NDArray[np.float32], labels: npt.NDArray[Any], classes: tuple[str, ...]
) -> PreflightFinding:
    found = float((np.array(class_map)[logits.argmax(1)] == labels).mean())
    text = _("With its classes in another order the model would agree with {share}: {pairs}.")
    return PreflightFinding(Level.WARNING, text.format(share=percent(found), pairs=_pairs(class_map, classes)), _in_its_order())


def better_labels(said: LabelMatrix, given: LabelMatrix) -> list[int] | None:
    """Another assignment of outputs to labels that fits far better, by the mean F1 of the labels; None where there is none.

    said, given: (n, k) what the model answers, and the labels of the same items.
    """
    from scipy.optimize import linear_sum_assignment

    both = said.T.astype(np.float64) @ given  # [output, label]
    fits = 2 * both / np.maximum(said.sum(0)[:, None] + given.sum(0)[None, :], 1)
    outputs, targets = linear_sum_assignment(-fits)
    found: list[int] = targets.tolist()
    return found if fits[outputs, targets].mean() > max(float(np.diag(fits).mean()) + GAIN, 0.5) else None


def _order_finding(label_map: list[int], labels: tuple[str, ...]) -> PreflightFinding:
    text = _("With its labels in another order the model would fit the given ones far better: {pairs}.")
    return PreflightFinding(Level.WARNING, text.format(pairs=_pairs(label_map, labels)), _in_its_order())


def _pairs(class_map: list[int], classes: tuple[str, ...]) -> str:
    moved = [(j, target) for j, target in enumerate(class_map) if j != target]
    return ", ".join(f"{classes[j]} → {classes[target]}" for j, target in moved[:6]) + (", ..." if len(moved) > 6 else "")


def _in_its_order() -> str:
    return _("Write the class names in the model's own order into id2label of its config.json, then predict again.")


def _normalization_findings(
    runner: Runner, batches: list[Batch], labels: npt.NDArray[Any], accuracy: float
) -> Iterator[PreflightFinding]:
    """Try the usual normalizations on the tensors that are there, for a few seconds."""
    inputs = runner.model.inputs
    now = inputs.normalization if isinstance(inputs, ImageInputs | ProcessorInputs) else None
    if now is None:
        return
    tried: dict[str, float] = {}
    end = time.monotonic() + SECONDS
    for name, other in NORMALIZATIONS.items():
        if time.monotonic() < end and not np.allclose(np.array(now), np.array(other), atol=1e-3):
            changed = [_renormalized(batch, now, other) for batch in batches]
            tried[name] = float((_logits(runner, changed).argmax(1) == labels).mean())
    best = max(tried, key=lambda name: tried[name], default=None)
    if best is not None and tried[best] >= accuracy + GAIN:
        mean, std = NORMALIZATIONS[best]
        text = _("With another normalization ({name}) the model would agree with {share} instead of {now}.")
        hint = _('Write "image_mean": {mean}, "image_std": {std} into the model\'s preprocessor_config.json.')
        yield PreflightFinding(
            Level.WARNING,
            text.format(name=best, share=percent(tried[best]), now=percent(accuracy)),
            hint.format(mean=[round(x, 5) for x in mean], std=[round(x, 5) for x in std]),
        )


def _renormalized(batch: Batch, now: Normalization, other: Normalization) -> Batch:
    (mean, std), (new_mean, new_std) = ([torch.tensor(part).view(1, -1, 1, 1) for part in one] for one in (now, other))
    return {name: ((tensor * std + mean) - new_mean) / new_std if tensor.ndim == 4 else tensor for name, tensor in batch.items()}


def _text_findings(model: Model, items: Items, chosen: npt.NDArray[np.int64]) -> Iterator[PreflightFinding]:
    if not isinstance(model.inputs, TextInputs):
        return
    texts = [items.text(int(i)) for i in chosen]
    unknown, cut = model.inputs.unknown_share(texts), model.inputs.cut_share(texts)
    words = next((m for m in model.network.modules() if isinstance(m, torch.nn.Embedding)), None)
    if words is not None and len(model.inputs.tokenizer) > words.num_embeddings:
        text = _("The tokenizer has {n} tokens, the network only {m}: they do not belong together.")
        hint = _("Save the tokenizer that the model was trained with beside it.")
        yield PreflightFinding(Level.WARNING, text.format(n=len(model.inputs.tokenizer), m=words.num_embeddings), hint)
    if unknown > 0.05:
        text = _("The tokenizer does not know {share} of the tokens in these texts.")
        hint = _("A model for this language, or the backbone chargrams, reads them better.")
        yield PreflightFinding(Level.WARNING, text.format(share=percent(unknown)), hint)
    if cut > 0.1:
        text = _("{share} of the texts are longer than the {n} tokens that the model reads; the rest is cut off.")
        yield PreflightFinding(Level.NOTE, text.format(share=percent(cut), n=model.inputs.max_length))


def _image_findings(model: Model, items: Items, chosen: npt.NDArray[np.int64], batch: Batch) -> Iterator[PreflightFinding]:
    if model.kind is not Kind.IMAGE:
        return
    sides = [min(size) for size in (items.size(int(i)) for i in chosen) if size is not None]
    side, read = int(np.median(sides)), int(next(iter(batch.values())).shape[-1])
    stated = stated_size(model.network)
    if stated is not None and (expected := stated[1]) != read:
        text = _("The network was made for images of {n} pixels, its image processor makes {m}.")
        hint = _("Save the image processor that the model was trained with beside it.")
        yield PreflightFinding(Level.WARNING, text.format(n=expected, m=read), hint)
    elif side * 4 <= read:
        text = _("The images have about {n} pixels a side and are enlarged to {m} for the model.")
        yield PreflightFinding(Level.NOTE, text.format(n=side, m=read))
