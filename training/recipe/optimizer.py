"""How the weights move: optimizer, learning rate, batch, schedule."""

from __future__ import annotations

from dataclasses import dataclass

from badcase.i18n import marked
from badcase.training.recipe.conditions import NETWORK
from badcase.training.recipe.enums import OptimizerName, ScheduleName
from badcase.training.recipe.knobs import Condition, knob

GROUP = marked("Optimizer")


@dataclass(frozen=True)
class OptimizerKnobs:
    """How the weights move: optimizer, learning rate, batch, schedule."""

    optimizer: str = knob(
        OptimizerName.ADAMW,
        marked("Optimizer"),
        GROUP,
        marked(
            "AdamW suits nearly everything; SGD with momentum can end better on convolutional networks from scratch. Left out: "
            "Muon, whose gain is in pretraining; SAM, which doubles the time for what averaging gives; muP, which carries rates "
            "between widths, and here no width changes."
        ),
        choices={
            OptimizerName.ADAMW: marked("AdamW"),
            OptimizerName.ADAM: marked("Adam"),
            OptimizerName.SGD: marked("SGD"),
            OptimizerName.ADAM_THEN_SGD: marked("AdamW, then SGD"),
        },
    )
    switch_epoch: int = knob(
        0,
        marked("Switch after"),
        GROUP,
        marked(
            "The epoch after which AdamW gives way to SGD, at a rate measured from its steps; 0 waits until validation stalls."
        ),
        unit=marked("epochs"),
        bounds=(0, 9_999),
        only_with=(Condition("optimizer", (OptimizerName.ADAM_THEN_SGD,)),),
    )
    learning_rate: float = knob(
        1e-4,
        marked("Learning rate"),
        GROUP,
        marked("Peak step size: 2e-5 to 5e-5 for BERT-like models, 1e-5 to 1e-3 for images; the first knob to tune."),
        bounds=(1e-8, 10),
        logarithmic=True,
    )
    layer_decay: float = knob(
        1.0,
        marked("Layer decay"),
        GROUP,
        marked("Learning rate of each block below the head, as a share of the block above; 0.7 to 0.9 keeps early features."),
        bounds=(0.3, 1),
        only_with=(NETWORK,),
        rare=True,
    )
    averaging: float = knob(
        0.0,
        marked("Weight averaging"),
        GROUP,
        marked(
            "Decay of the moving average of the weights; the average is validated and kept. 0.99 to 0.9999, 0 is off. Try it "
            "first against wrong labels, unsteady curves, and items that break from one training to the next."
        ),
        bounds=(0, 0.99999),
        rare=True,
    )
    momentum: float = knob(
        0.9,
        marked("Momentum"),
        GROUP,
        marked("Share of the last step that is kept; the first beta of Adam and AdamW."),
        bounds=(0, 0.999),
        rare=True,
    )
    batch_size: int = knob(
        32,
        marked("Batch size"),
        GROUP,
        marked("Items per step. It sets speed and memory rather than quality; re-tune the learning rate after changing it."),
        unit=marked("items"),
        bounds=(1, 65536),
        logarithmic=True,
    )
    accumulate: int = knob(
        1,
        marked("Accumulate"),
        GROUP,
        marked("Batches summed into one step, for a large effective batch where memory is short."),
        unit=marked("batches"),
        bounds=(1, 1024),
        rare=True,
    )
    schedule: str = knob(
        ScheduleName.COSINE,
        marked("Schedule"),
        GROUP,
        marked(
            "How the learning rate changes over the run; linear or cosine decay is a safe choice. Warm-up, stable, decay is as "
            "good and does not bend to the length: take it where you will try several lengths."
        ),
        choices={
            ScheduleName.CONSTANT: marked("constant"),
            ScheduleName.LINEAR: marked("linear"),
            ScheduleName.COSINE: marked("cosine"),
            ScheduleName.ONE_CYCLE: marked("one cycle"),
            ScheduleName.STEP: marked("step"),
            ScheduleName.WSD: marked("warm-up, stable, decay"),
        },
    )
    warmup: float = knob(
        0.1,
        marked("Warm-up"),
        GROUP,
        marked("Share of the steps over which the rate rises from near zero; more where training starts unstable."),
        unit=marked("of the steps"),
        bounds=(0, 0.9),
    )
    decay_share: float = knob(
        0.2,
        marked("Decay"),
        GROUP,
        marked("Last share of the steps after the warm-up, over which a stable rate falls to zero; 0.1 to 0.2 is enough."),
        unit=marked("of the steps"),
        bounds=(0.01, 1),
        only_with=(Condition("schedule", (ScheduleName.WSD,)),),
    )
    step_every: int = knob(
        10,
        marked("Step every"),
        GROUP,
        marked("Epochs between two drops of the step schedule."),
        unit=marked("epochs"),
        bounds=(1, 10_000),
        only_with=(Condition("schedule", (ScheduleName.STEP,)),),
    )
    step_factor: float = knob(
        0.1,
        marked("Step factor"),
        GROUP,
        marked("Factor by which each drop of the step schedule multiplies the rate."),
        bounds=(1e-4, 1),
        only_with=(Condition("schedule", (ScheduleName.STEP,)),),
    )
    gradient_clip: float = knob(
        1.0,
        marked("Gradient clipping"),
        GROUP,
        marked("Largest gradient norm that a step may use; 0 switches clipping off."),
        bounds=(0, 1000),
        rare=True,
    )
