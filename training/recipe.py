"""Recipe: everything that decides a training besides the data, the starting weights and the seed. No torch here."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from badcase.errors import BadcaseError
from badcase.language import _
from training.choices import ClassWeights, Freeze, LossName, Method, OptimizerName, ScheduleName, SelectBy
from training.knobs import Condition, Knob, Value, knob, knobs_of
from training.knobs import marked as m

MODEL, OPTIMISER, LOSS = m("Model"), m("Optimiser"), m("Loss")
REGULARISATION, LENGTH, DATA = m("Regularisation"), m("Length and choice"), m("Data")
FINE_TUNING = Condition("method", (Method.FINE_TUNE,))
IMAGES = Condition("kind", ("image",))  # the kind of the project's items, not a knob


@dataclass(frozen=True, slots=True)
class Recipe:
    """One value that decides a training. Constructing it checks every knob; `replace_from` gives a changed copy."""

    method: str = knob(
        Method.FINE_TUNE, m("Train"), MODEL,
        m("A linear head on stored embeddings takes seconds; fine-tuning the network takes longer and can reach more."),
        choices={Method.LINEAR_HEAD: m("linear head"), Method.FINE_TUNE: m("the network")},
    )  # fmt: skip
    freeze: str = knob(
        Freeze.HEAD_FIRST, m("Freeze"), MODEL,
        m("Head first, then all keeps pretrained features from being spoilt by a last layer that knows nothing yet."),
        choices={Freeze.NOTHING: m("nothing"), Freeze.BACKBONE: m("all but the head"),
                 Freeze.HEAD_FIRST: m("head first, then all")},
        only_with=(FINE_TUNING,),
    )  # fmt: skip
    head_epochs: int = knob(
        1, m("Head epochs"), MODEL, m("How many of the epochs train the head alone before the rest joins."),
        unit=m("epochs"), bounds=(1, 100), only_with=(FINE_TUNING, Condition("freeze", (Freeze.HEAD_FIRST,))),
    )  # fmt: skip
    head_learning_rate: float = knob(
        1e-3, m("Head learning rate"), MODEL, m("Peak rate while only the head is trained; a fresh layer wants more."),
        bounds=(1e-8, 10), logarithmic=True,
        only_with=(FINE_TUNING, Condition("freeze", (Freeze.BACKBONE, Freeze.HEAD_FIRST))),
    )  # fmt: skip

    optimizer: str = knob(
        OptimizerName.ADAMW, m("Optimiser"), OPTIMISER,
        m("AdamW suits nearly everything; SGD with momentum can end better on convolutional networks from scratch."),
        choices={OptimizerName.ADAMW: m("AdamW"), OptimizerName.ADAM: m("Adam"), OptimizerName.SGD: m("SGD")},
    )  # fmt: skip
    learning_rate: float = knob(
        1e-4, m("Learning rate"), OPTIMISER,
        m("Peak step size: 2e-5 to 5e-5 for BERT-like models, 1e-5 to 1e-3 for images; the first knob to tune."),
        bounds=(1e-8, 10), logarithmic=True,
    )  # fmt: skip
    momentum: float = knob(
        0.9, m("Momentum"), OPTIMISER, m("How much of the last step is kept; the first beta of Adam and AdamW."),
        bounds=(0, 0.999),
    )  # fmt: skip
    batch_size: int = knob(
        32, m("Batch size"), OPTIMISER,
        m("Items per step. It sets speed and memory rather than quality; re-tune the learning rate after changing it."),
        unit=m("items"), bounds=(1, 65536), logarithmic=True,
    )  # fmt: skip
    accumulate: int = knob(
        1, m("Accumulate"), OPTIMISER,
        m("Batches summed into one step, for a large effective batch where memory is short."),
        unit=m("batches"), bounds=(1, 1024),
    )  # fmt: skip
    schedule: str = knob(
        ScheduleName.COSINE, m("Schedule"), OPTIMISER,
        m("How the rate moves over the run; linear or cosine decay is a safe choice."),
        choices={ScheduleName.CONSTANT: m("constant"), ScheduleName.LINEAR: m("linear"),
                 ScheduleName.COSINE: m("cosine"), ScheduleName.ONE_CYCLE: m("one cycle"),
                 ScheduleName.STEP: m("step")},
    )  # fmt: skip
    warmup: float = knob(
        0.1, m("Warm-up"), OPTIMISER,
        m("Share of the steps over which the rate rises from near zero; more where training starts unstable."),
        unit=m("of the steps"), bounds=(0, 0.9),
    )  # fmt: skip
    step_every: int = knob(
        10, m("Step every"), OPTIMISER, m("Epochs between two falls of the step schedule."),
        unit=m("epochs"), bounds=(1, 10_000), only_with=(Condition("schedule", (ScheduleName.STEP,)),),
    )  # fmt: skip
    step_factor: float = knob(
        0.1, m("Step factor"), OPTIMISER, m("What the rate is multiplied by at each fall of the step schedule."),
        bounds=(1e-4, 1), only_with=(Condition("schedule", (ScheduleName.STEP,)),),
    )  # fmt: skip
    gradient_clip: float = knob(
        1.0, m("Gradient clipping"), OPTIMISER, m("Longest gradient a step may use; 0 switches clipping off."),
        bounds=(0, 1000),
    )  # fmt: skip

    loss: str = knob(
        LossName.CROSS_ENTROPY, m("Loss"), LOSS,
        m("Focal loss raises the weight of hard items, wrong labels among them: only after cleaning."),
        choices={LossName.CROSS_ENTROPY: m("cross-entropy"), LossName.FOCAL: m("focal")},
    )  # fmt: skip
    focal_gamma: float = knob(
        2.0, m("Focal gamma"), LOSS, m("How strongly easy items are played down; 0 is plain cross-entropy."),
        bounds=(0, 10), only_with=(Condition("loss", (LossName.FOCAL,)),),
    )  # fmt: skip
    label_smoothing: float = knob(
        0.0, m("Label smoothing"), LOSS,
        m("Share of each target spread over all classes; 0.05 to 0.1 helps against wrong labels."), bounds=(0, 0.5),
    )  # fmt: skip
    class_weights: str = knob(
        ClassWeights.NONE, m("Class weights"), LOSS,
        m("Balanced lets rare classes count as much as common ones; root is half-way between."),
        choices={ClassWeights.NONE: m("none"), ClassWeights.SQRT: m("root"), ClassWeights.BALANCED: m("balanced")},
    )  # fmt: skip

    weight_decay: float = knob(
        0.01, m("Weight decay"), REGULARISATION,
        m("Pull of the weights towards zero: decoupled in AdamW, L2 in Adam and SGD; biases and norms are left out."),
        bounds=(0, 10), logarithmic=True,
    )  # fmt: skip
    dropout: float | None = knob(
        None, m("Dropout"), REGULARISATION,
        m("One number for every dropout of the network; more against overfitting, and 0 sometimes works wonders."),
        bounds=(0, 0.95), optional=True,
    )  # fmt: skip
    flip: bool = knob(
        False, m("Mirror images"), REGULARISATION,
        m("Half of the training images are mirrored left to right; never for digits, letters or left and right hands."),
        only_with=(FINE_TUNING, IMAGES),
    )  # fmt: skip
    crop: float = knob(
        0.0, m("Shift images"), REGULARISATION,
        m("Training images are moved by up to this share of their side, the edge filled by reflection."),
        unit=m("of the side"), bounds=(0, 0.4), only_with=(FINE_TUNING, IMAGES),
    )  # fmt: skip

    epochs: int = knob(
        10, m("Epochs"), LENGTH, m("Passes over the training items; the best checkpoint is kept whatever comes later."),
        unit=m("epochs"), bounds=(1, 10_000), logarithmic=True,
    )  # fmt: skip
    select_by: str = knob(
        SelectBy.LOSS, m("Keep best by"), LENGTH,
        m("Which validation measure chooses the checkpoint that is kept."),
        choices={SelectBy.LOSS: m("loss"), SelectBy.ACCURACY: m("accuracy"), SelectBy.MACRO_F1: m("macro F1")},
    )  # fmt: skip
    patience: int = knob(
        0, m("Patience"), LENGTH, m("Stop after so many epochs without a better checkpoint; 0 trains to the end."),
        unit=m("epochs"), bounds=(0, 1000),
    )  # fmt: skip
    minimum_epochs: int = knob(
        1, m("Minimum"), LENGTH, m("Early stopping may not act before this epoch: some good plateaus come late."),
        unit=m("epochs"), bounds=(1, 10_000), only_with=(Condition("patience"),),
    )  # fmt: skip

    correction_weight: float = knob(
        2.0, m("Weight of corrections"), DATA,
        m("How much an item counts that a person relabelled or confirmed; 2 to 4 helps, 1 is no difference."),
        bounds=(1, 20),
    )  # fmt: skip
    correction_share: float = knob(
        0.15, m("Share of corrections"), DATA,
        m("Cap on the weight of confirmed items in an epoch, so that a few cases do not take over the training."),
        unit=m("of an epoch"), bounds=(0, 1), only_with=(Condition("correction_weight"),),
    )  # fmt: skip

    def __post_init__(self) -> None:
        for name, knob_ in KNOBS.items():
            object.__setattr__(self, name, knob_.read(getattr(self, name)))

    # --- copies and differences ---------------------------------------------------------------------------------

    def replace_from(self, values: Mapping[str, Any]) -> Self:
        """A copy with some knobs changed, from typed values or from text; unknown names and bad values are refused."""
        for name in values:
            if name not in KNOBS:
                near = get_close_matches(name, KNOBS, n=1, cutoff=0.4)
                raise BadcaseError(
                    _("there is no such knob"),
                    where=name,
                    hint=_("Did you mean {name}?").format(name=near[0]) if near else _("`badcase recipe` lists all."),
                )
        return dataclasses.replace(self, **values)

    def difference(self, other: Recipe) -> list[tuple[str, str, str]]:
        """What `other` has differently: (title, value here, value there), in the order of the knobs."""
        pairs = [(knob_, getattr(self, name), getattr(other, name)) for name, knob_ in KNOBS.items()]
        return [(knob_.title, knob_.show(old), knob_.show(new)) for knob_, old, new in pairs if old != new]

    def values(self) -> dict[str, Value]:
        return {name: getattr(self, name) for name in KNOBS}

    # --- what can act -------------------------------------------------------------------------------------------

    def idle(self, kind: str) -> dict[str, str]:
        """Knobs that cannot act on a project of this kind beside the other values: name to the reason in words."""
        context: dict[str, Value] = self.values() | {"kind": str(kind)}
        return {
            name: _("acts only with {condition}").format(condition=failed[0])
            for name, knob_ in KNOBS.items()
            if (failed := [condition for condition in knob_.only_with if not condition.holds(context[condition.name])])
        }

    def check(self, kind: str) -> None:
        """Refuse by name a knob that was set and cannot act, rather than ignore it."""
        if "head_epochs" not in self.idle(kind) and self.head_epochs >= self.epochs:
            raise BadcaseError(
                _("the head would be trained alone to the end"),
                where="head_epochs",
                expected=_("fewer than the {n} epochs").format(n=self.epochs),
                got=self.head_epochs,
                hint=_("Give more epochs, or set freeze = backbone."),
            )
        for name, reason in self.idle(kind).items():
            knob_ = KNOBS[name]
            if getattr(self, name) != knob_.default:
                raise BadcaseError(
                    _("this knob would do nothing here: it {reason}").format(reason=reason),
                    where=name,
                    got=knob_.show(getattr(self, name)),
                    hint=_("Set it back to {default}, or change what it depends on.").format(
                        default=knob_.show(knob_.default)
                    ),
                )

    def settled(self, kind: str) -> Self:
        """A copy in which every idle knob is back at its default, so that `check` passes."""
        defaults: dict[str, Any] = {name: KNOBS[name].default for name in self.idle(kind)}
        return dataclasses.replace(self, **defaults)

    # --- TOML ---------------------------------------------------------------------------------------------------

    def to_toml(self, *, explained: bool = True) -> str:
        """The recipe as TOML, by groups; with title, bounds, unit and help as comments where `explained`."""
        lines: list[str] = []
        group = ""
        for name, knob_ in KNOBS.items():
            if explained and knob_.group != group:
                group = knob_.group
                lines += ["", f"# --- {group} ---"]
            if explained:
                unit = f", {knob_.unit}" if knob_.unit else ""
                lines += ["", f"# {knob_.title} ({knob_.bounds}{unit}). {knob_.help}"]
            value = getattr(self, name)
            lines.append(f"# {name} =" if value is None else f"{name} = {_toml(value)}")
        return "\n".join(lines).lstrip() + "\n"

    @classmethod
    def from_toml(cls, text: str, *, base: Self | None = None, where: str = "recipe") -> Self:
        """Read TOML; knobs that it does not name stay as in `base`, or at their default."""
        try:
            values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadcaseError(_("this is not TOML"), where=where, got=str(error)) from error
        return (base or cls()).replace_from(values)

    @classmethod
    def load(cls, path: str | Path, *, base: Self | None = None) -> Self:
        try:
            return cls.from_toml(Path(path).read_text(encoding="utf-8"), base=base, where=str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise BadcaseError(_("the recipe cannot be read"), where=str(path), got=str(error)) from error


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


KNOBS: dict[str, Knob] = knobs_of(Recipe)


def fields() -> list[Knob]:
    """Every knob, in the order of the form."""
    return list(KNOBS.values())


PRESETS: dict[str, Recipe] = {
    "linear-head": Recipe(
        # SGD, because Adam gives every feature the same step and so learns the noise of a small set first.
        method=Method.LINEAR_HEAD, optimizer=OptimizerName.SGD, learning_rate=1.0, batch_size=64, weight_decay=1e-5,
        gradient_clip=0.0, epochs=100, patience=8, minimum_epochs=10,
    ),
    "image-fine-tuning": Recipe(learning_rate=1e-4, epochs=12, patience=5, minimum_epochs=3),
    "text-fine-tuning": Recipe(learning_rate=3e-5, epochs=6, patience=3, minimum_epochs=2),
    "from-scratch": Recipe(
        freeze=Freeze.NOTHING, learning_rate=2e-3, schedule=ScheduleName.ONE_CYCLE, warmup=0.3, epochs=30, patience=8,
        minimum_epochs=8,
    ),
}  # fmt: skip


def default_for(model_spec: Mapping[str, Any], kind: str = "image") -> Recipe:
    """The preset that suits a model: a linear head where only that can be trained, else fine-tuning by modality."""
    if model_spec.get("kind") == "linear_head":
        return PRESETS["linear-head"]
    return PRESETS["text-fine-tuning" if kind == "text" else "image-fine-tuning"]
