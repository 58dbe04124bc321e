"""Recipe: everything that decides a training besides the data, the starting weights and the seed. No torch here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.training.recipe.architecture import ModelKnobs
from badcase.training.recipe.data import DataKnobs
from badcase.training.recipe.enums import Freeze, Method, Network, Normalization, OptimizerName, Start
from badcase.training.recipe.former_names import in_names_of_today
from badcase.training.recipe.hardware import HardwareKnobs
from badcase.training.recipe.knobs import Knob, Value, knobs_of
from badcase.training.recipe.length import LengthKnobs
from badcase.training.recipe.loss import LossKnobs
from badcase.training.recipe.optimizer import OptimizerKnobs
from badcase.training.recipe.regularization import RegularizationKnobs
from badcase.training.recipe.tasks import ONE, check_values, idle_in, suited
from badcase.training.recipe.toml_files import parsed_toml, read_toml
from badcase.training.recipe.validation import ValidationKnobs


@dataclass(frozen=True)
class Recipe(
    HardwareKnobs, ValidationKnobs, DataKnobs, LengthKnobs, RegularizationKnobs, LossKnobs, OptimizerKnobs, ModelKnobs
):  # read from the last
    """One value that decides a training. Constructing it checks every knob; `replace_from` gives a changed copy."""

    def __post_init__(self) -> None:
        for name, knob_ in KNOBS.items():
            object.__setattr__(self, name, knob_.read(getattr(self, name)))

    # --- copies and differences ---------------------------------------------------------------------------------

    def __repr__(self) -> str:
        usual = Recipe().values()
        changed = [f"{name}={value!r}" for name, value in self.values().items() if value != usual[name]]
        return f"Recipe({', '.join(changed)})"

    def replace_from(self, values: Mapping[str, Any]) -> Self:
        """A copy with some knobs changed, from typed values or from text; unknown names and bad values are refused."""
        values = in_names_of_today(values)
        for name in values:
            if name not in KNOBS:
                near = get_close_matches(name, KNOBS, n=1, cutoff=0.6)
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

    def idle(self, kind: str, start: str | None = None, task: str = ONE) -> dict[str, str]:
        """Knobs that cannot act on a project of this kind and task beside the other values: name to the reason in words.

        Args:
            kind: Images or texts.
            start: Which weights the training begins with; what depends on it passes where it is None, not known yet.
            task: Whether an item has one label or any number.
        """
        context: dict[str, Value] = self.values() | {"kind": str(kind), "start": start and str(start), "task": task}
        return {
            name: _("acts only with {condition}").format(condition=failed[0])
            for name, knob_ in KNOBS.items()
            if (failed := [condition for condition in knob_.only_with if not condition.holds(context)])
        } | idle_in(self.values(), task)

    def check(self, kind: str, start: str | None = None, task: str = ONE) -> None:
        """Refuse by name a knob that was set and cannot act, rather than ignore it."""
        check_values(self.values(), task)
        idle = self.idle(kind, start, task)
        self._check_combinations(start)
        if "head_epochs" not in idle and self.head_epochs >= self.epochs:
            raise BadcaseError(
                _("the head would be trained alone to the end"),
                where="head_epochs",
                expected=_("fewer than the {n} epochs").format(n=self.epochs),
                got=self.head_epochs,
                hint=_("Give more epochs, or set freeze = backbone."),
            )
        before = self.head_epochs + (self.unfreeze_stages - 1) * self.unfreeze_every
        if "unfreeze_every" not in idle and before >= self.epochs:
            raise BadcaseError(
                _("the last stage would have no epoch left"),
                where="unfreeze_every",
                expected=_("fewer than the {n} epochs").format(n=self.epochs),
                got=before,
                hint=_("Give more epochs, fewer stages or shorter ones."),
            )
        for name, reason in idle.items():
            knob_ = KNOBS[name]
            if getattr(self, name) != knob_.default:
                raise BadcaseError(
                    _("this knob would do nothing here: it {reason}").format(reason=reason),
                    where=name,
                    got=knob_.show(getattr(self, name)),
                    hint=_("Set it back to {default}, or change what it depends on.").format(default=knob_.show(knob_.default)),
                )

    def _check_combinations(self, start: str | None) -> None:
        """Refuse values that are right by themselves and leave nothing to do, or do one thing twice, together."""
        if start == Start.SCRATCH and self.method == Method.FINE_TUNE and self.freeze != Freeze.NOTHING:
            raise BadcaseError(
                _("a network from scratch has no pretrained features to keep"),
                where="freeze",
                expected=Freeze.NOTHING,
                got=self.freeze,
                hint=_("Use the preset from-scratch, or set freeze = nothing."),
            )
        bare = start == Start.SCRATCH and self.network == Network.SMALL and not self.depth
        if bare and self.normalization == Normalization.INSTANCE:
            raise BadcaseError(
                _("without blocks an instance norm would leave the same of every item"),
                where="normalization",
                got=self.normalization,
                hint=_("Set a depth above 0, or another normalization."),
            )
        if self.method == Method.LORA and start == Start.SCRATCH:
            raise BadcaseError(
                _("adapters need pretrained weights to add to, and a network from scratch has none"),
                where="method",
                expected=Method.FINE_TUNE,
                got=self.method,
                hint=_("Set method = fine_tune, or start from pretrained weights."),
            )
        if self.method == Method.LORA and self.freeze == Freeze.BACKBONE:
            raise BadcaseError(
                _("the adapters would never be trained"),
                where="freeze",
                expected=f"{Freeze.NOTHING} | {Freeze.HEAD_FIRST} | {Freeze.BY_STAGE}",
                got=self.freeze,
                hint=_("Set freeze = head_first; LoRA leaves the weights of the network as they are in any case."),
            )
        if self.optimizer == OptimizerName.ADAM_THEN_SGD and self.switch_epoch >= self.epochs:
            raise BadcaseError(
                _("AdamW would be used to the end"),
                where="switch_epoch",
                expected=_("fewer than the {n} epochs").format(n=self.epochs),
                got=self.switch_epoch,
                hint=_("Give more epochs, or set optimizer = adamw."),
            )

    def rested(self, kind: str, start: str | None = None, task: str = ONE) -> Self:
        """A copy in which every knob that cannot act is back at its default."""
        return dataclasses.replace(self, **{name: KNOBS[name].default for name in self.idle(kind, start, task)})  # type: ignore[arg-type]

    def settled(self, kind: str, start: str | None = None, task: str = ONE) -> Self:
        """The same, no value is for the other task, and from scratch the whole is trained: `check` passes."""
        made = dataclasses.replace(self, **suited(self.values(), task))  # type: ignore[arg-type]
        if start == Start.SCRATCH and made.method != Method.LINEAR_HEAD:
            made = made.replace_from({"method": Method.FINE_TUNE, "freeze": Freeze.NOTHING})
        if made.method == Method.LORA and made.freeze == Freeze.BACKBONE:
            made = made.replace_from({"freeze": Freeze.HEAD_FIRST})
        return made.rested(kind, start, task)

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
    def from_toml(cls, text: str) -> Self:
        """Read TOML; knobs that it does not name are at their default."""
        return cls().replace_from(parsed_toml(text, "recipe"))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        return cls().replace_from(load_values(path))


def load_values(path: str | Path) -> dict[str, Any]:
    """The knobs that a TOML file names, and what it sets them to."""
    return read_toml(Path(path), _("the recipe cannot be read"))


def _toml(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


KNOBS: dict[str, Knob] = knobs_of(Recipe)


def fields() -> list[Knob]:
    """Every knob, in the order of the form."""
    return list(KNOBS.values())
