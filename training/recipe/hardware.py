"""What a training asks of the machine: how exactly it computes, and what it does for memory and speed."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import NETWORK
from badcase.training.recipe.enums import GradientCheckpointing, Precision
from badcase.training.recipe.knobs import knob

GROUP = marked("Speed and memory")


@dataclass(frozen=True)
class HardwareKnobs:
    """What a training asks of the machine: how exactly it computes, and what it does for memory and speed."""

    precision: str = knob(
        Precision.AUTO,
        marked("Precision"),
        GROUP,
        marked(
            "Half precision takes half the memory for what a pass keeps, and less time on devices built for it. Automatic is "
            "bfloat16 on a GPU that has it, else float32; float16 is for older GPUs. The notes say what ran."
        ),
        choices={
            Precision.AUTO: marked("automatic"),
            Precision.FLOAT32: "float32",
            Precision.BF16: "bfloat16",
            Precision.FP16: "float16",
        },
        only_with=(NETWORK,),
        rare=True,
    )
    gradient_checkpointing: str = knob(
        GradientCheckpointing.WHEN_NEEDED,
        marked("Gradient checkpointing"),
        GROUP,
        marked(
            "Blocks compute twice what they would keep for the gradient: a third more time, a fraction of the memory, the same "
            "result. When needed: once memory has run out, and before a batch is done in parts. Always: to leave room for others."
        ),
        choices={
            GradientCheckpointing.WHEN_NEEDED: marked("when memory runs out"),
            GradientCheckpointing.ALWAYS: marked("always"),
            GradientCheckpointing.NEVER: marked("never"),
        },
        only_with=(NETWORK,),
        rare=True,
    )
    compile: bool = knob(
        False,
        marked("Compile"),
        GROUP,
        marked(
            "Some steps are timed as they are and compiled by torch; what is faster over the whole training is taken. For long "
            "trainings; the last digits change with it. Where no compiler is installed, the run says so and goes on without."
        ),
        only_with=(NETWORK,),
        rare=True,
    )
