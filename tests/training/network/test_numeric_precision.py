"""Half precision runs where the device has it, is refused with the reason elsewhere, and a run says what it ran in."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from badcase.errors import BadcaseError
from badcase.training.loop.stepper import Stepper
from badcase.training.network.numeric_precision import LEAST_SCALE, NumericPrecision
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Precision

CPU = torch.device("cpu")
RECIPE = Recipe(freeze="nothing", learning_rate=0.1, warmup=0.0, optimizer="sgd", gradient_clip=0.0)


def small(precision: NumericPrecision) -> tuple[Trainee, Stepper, torch.Tensor]:
    """A trainee of one layer, its stepper, and what it reads."""
    torch.manual_seed(0)
    network = nn.Linear(4, 3)
    trainee = Trainee(network, network, network, 3, CPU, precision=precision)
    stepper = Stepper(trainee, RECIPE, 10)
    stepper.begin(1, 0, float("nan"))
    return trainee, stepper, torch.randn(8, 4)


def test_a_processor_gives_float32_unless_asked_and_refuses_with_the_reason_what_it_has_not() -> None:
    assert NumericPrecision.of("auto", CPU).name is NumericPrecision.of("float32", CPU).name is Precision.FLOAT32
    with pytest.raises(BadcaseError, match="float16 is for CUDA alone") as caught:
        NumericPrecision.of("fp16", CPU)
    assert caught.value.where == "precision"
    if torch.ops.mkldnn._is_mkldnn_bf16_supported():
        assert NumericPrecision.of("bf16", CPU).name is Precision.BF16
    else:
        with pytest.raises(BadcaseError, match="no instructions for bfloat16"):
            NumericPrecision.of("bf16", CPU)


@pytest.mark.parametrize(("name", "made"), [("float32", torch.float32), ("bf16", torch.bfloat16), ("fp16", torch.float16)])
def test_passes_run_in_the_precision_and_weights_move_in_float32(name: str, made: torch.dtype) -> None:
    trainee, stepper, read = small(NumericPrecision(Precision(name), CPU))
    before = trainee.network.weight.detach().clone()
    with trainee.precision.autocast():
        logits = trainee.logits(read)
    assert logits.dtype is made
    trainee.precision.backward(logits.float().square().mean())
    norm = stepper.clip()
    torch.testing.assert_close(norm, torch.nn.utils.get_total_norm([p.grad for p in trainee.network.parameters()]))
    assert 0 < norm < 10  # at its own scale again
    stepper.step()
    assert trainee.network.weight.dtype is torch.float32 and not torch.equal(before, trainee.network.weight)


def test_a_step_that_float16_cannot_hold_is_left_out_at_a_smaller_scale_and_a_gradient_that_is_no_number_is_told() -> None:
    precision = NumericPrecision(Precision.FP16, CPU)
    trainee, stepper, read = small(precision)
    before, rate = trainee.network.weight.detach().clone(), stepper.state_dict()["schedule"]["last_epoch"]

    def step(times: float) -> torch.Tensor:
        precision.backward(trainee.logits(read).square().mean() * times)
        norm = stepper.clip()
        stepper.step()
        return norm

    scale = precision.state_dict()["scale"]
    assert step(1e38) == 0  # at that scale it is more than any number
    assert torch.equal(before, trainee.network.weight) and stepper.state_dict()["schedule"]["last_epoch"] == rate
    kept = stepper.state_dict()
    assert kept["precision"]["scale"] == scale / 2
    other = NumericPrecision(Precision.FP16, CPU)
    small(other)[1].load_state_dict(kept)  # as a run that is resumed does
    assert other.state_dict()["scale"] == scale / 2
    step(1.0)
    assert not torch.equal(before, trainee.network.weight)
    while precision.state_dict()["scale"] > LEAST_SCALE:
        assert step(float("nan")) == 0
    assert not step(float("nan")).isfinite()  # whoever meters it ends the training


def test_the_linear_head_has_no_precision_to_choose_and_says_so() -> None:
    with pytest.raises(BadcaseError) as caught:
        Recipe(method="linear_head", freeze="head_first", precision="bf16").check("text")
    assert caught.value.where == "precision"
