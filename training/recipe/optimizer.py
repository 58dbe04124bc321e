"""How the weights move: optimizer, learning rate, batch, schedule."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked as m
from badcase.training.recipe.conditions import FINE_TUNING
from badcase.training.recipe.enums import OptimizerName, ScheduleName
from badcase.training.recipe.knobs import Condition, knob

GROUP = m("Optimizer")


@dataclass(frozen=True)
class OptimizerKnobs:
    """How the weights move: optimizer, learning rate, batch, schedule."""

    optimizer: str = knob(
        OptimizerName.ADAMW,
        m("Optimizer"),
        GROUP,
        m("AdamW suits nearly everything; SGD with momentum can end better on convolutional networks from scratch."),
        choices={
            OptimizerName.ADAMW: m("AdamW"),
            OptimizerName.ADAM: m("Adam"),
            OptimizerName.SGD: m("SGD"),
            OptimizerName.ADAM_THEN_SGD: m("AdamW, then SGD"),
        },
    )
    switch_epoch: int = knob(
        0,
        m("Switch after"),
        GROUP,
        m("The epoch after which AdamW gives way to SGD, at a rate measured from its steps; 0 waits until validation stalls."),
        unit=m("epochs"),
        bounds=(0, 10_000),
        only_with=(Condition("optimizer", (OptimizerName.ADAM_THEN_SGD,)),),
    )
    learning_rate: float = knob(
        1e-4,
        m("Learning rate"),
        GROUP,
        m("Peak step size: 2e-5 to 5e-5 for BERT-like models, 1e-5 to 1e-3 for images; the first knob to tune."),
        bounds=(1e-8, 10),
        logarithmic=True,
    )
    layer_decay: float = knob(
        1.0,
        m("Layer decay"),
        GROUP,
        m("Each block below the head learns at this share of the rate above it; 0.7 to 0.9 keeps early features."),
        bounds=(0.3, 1),
        only_with=(FINE_TUNING,),
        rare=True,
    )
    averaging: float = knob(
        0.0,
        m("Weight averaging"),
        GROUP,
        m("How much of the running mean of the weights each step keeps; the mean is judged and kept. 0.99 to 0.9999, 0 is off."),
        bounds=(0, 0.99999),
        rare=True,
    )
    momentum: float = knob(
        0.9,
        m("Momentum"),
        GROUP,
        m("How much of the last step is kept; the first beta of Adam and AdamW."),
        bounds=(0, 0.999),
        rare=True,
    )
    batch_size: int = knob(
        32,
        m("Batch size"),
        GROUP,
        m("Items per step. It sets speed and memory rather than quality; re-tune the learning rate after changing it."),
        unit=m("items"),
        bounds=(1, 65536),
        logarithmic=True,
    )
    accumulate: int = knob(
        1,
        m("Accumulate"),
        GROUP,
        m("Batches summed into one step, for a large effective batch where memory is short."),
        unit=m("batches"),
        bounds=(1, 1024),
        rare=True,
    )
    schedule: str = knob(
        ScheduleName.COSINE,
        m("Schedule"),
        GROUP,
        m("How the rate moves over the run; linear or cosine decay is a safe choice."),
        choices={
            ScheduleName.CONSTANT: m("constant"),
            ScheduleName.LINEAR: m("linear"),
            ScheduleName.COSINE: m("cosine"),
            ScheduleName.ONE_CYCLE: m("one cycle"),
            ScheduleName.STEP: m("step"),
        },
    )
    warmup: float = knob(
        0.1,
        m("Warm-up"),
        GROUP,
        m("Share of the steps over which the rate rises from near zero; more where training starts unstable."),
        unit=m("of the steps"),
        bounds=(0, 0.9),
    )
    step_every: int = knob(
        10,
        m("Step every"),
        GROUP,
        m("Epochs between two falls of the step schedule."),
        unit=m("epochs"),
        bounds=(1, 10_000),
        only_with=(Condition("schedule", (ScheduleName.STEP,)),),
    )
    step_factor: float = knob(
        0.1,
        m("Step factor"),
        GROUP,
        m("What the rate is multiplied by at each fall of the step schedule."),
        bounds=(1e-4, 1),
        only_with=(Condition("schedule", (ScheduleName.STEP,)),),
    )
    gradient_clip: float = knob(
        1.0,
        m("Gradient clipping"),
        GROUP,
        m("Longest gradient a step may use; 0 switches clipping off."),
        bounds=(0, 1000),
        rare=True,
    )
