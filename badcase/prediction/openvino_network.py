"""A network compiled by OpenVINO, which runs convolutions on a processor a few times as fast as torch; the extra `openvino`.

What torch traced is given to OpenVINO's own reader, and what would report that to its maker is kept out.
"""

from __future__ import annotations

import warnings
from importlib.util import find_spec

import torch
from torch import Tensor, nn

from badcase.models.inputs import Batch
from badcase.models.model import Model
from badcase.models.output import ModelOutput
from badcase.models.running import Network
from badcase.network import silence


def is_installed() -> bool:
    return find_spec("openvino") is not None


class _Outputs(nn.Module):
    """A model as a network from tensors to tensors; its inputs have the order of `names`."""

    def __init__(self, model: Model, names: list[str]) -> None:
        super().__init__()
        self.network = model.network  # so that its weights are part of what is traced
        self._model, self._names = [model], names

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        made = self._model[0].forward(dict(zip(self._names, inputs, strict=True)))
        return made.logits, made.embeddings


def compiled(model: Model, precision: torch.dtype | None = None) -> Network:
    """The same network, run by OpenVINO on this processor.

    Args:
        model: It lies on the processor and is in evaluation mode.
        precision: torch.bfloat16, or None for float32.

    Raises:
        Exception: Whatever tracing, reading or compiling raises where the network has what one of them does not know.
    """
    silence("openvino_telemetry")
    from openvino import Core
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    example = model.example()
    names, inputs = list(example), tuple(example.values())
    outputs = _Outputs(model, names).eval()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # that shapes were traced as numbers; the outputs are compared afterwards
        traced = torch.jit.trace(outputs, inputs, check_trace=False)  # type: ignore[no-untyped-call]
        widths = [tensor.shape[1] for tensor in outputs(*inputs)]
    manager, decoder = FrontEndManager(), TorchScriptPythonDecoder(traced, example_input=inputs)  # both live until it is read
    reader = manager.load_by_framework("pytorch")
    read = reader.convert(reader.load(decoder))
    hints = {"INFERENCE_PRECISION_HINT": "f32" if precision is None else "bf16", "PERFORMANCE_HINT": "LATENCY"}
    network = Core().compile_model(read, "CPU", hints)

    def run(batch: Batch) -> ModelOutput:
        made = network([batch[name].contiguous().numpy() for name in names])
        n = len(batch[names[0]])
        # A tensor of no columns, as the logits of a backbone are, has the number of rows that it was traced with.
        logits, embeddings = (
            torch.from_numpy(made[place]).clone() if width else torch.zeros(n, 0) for place, width in enumerate(widths)
        )
        return ModelOutput(logits, embeddings)

    return run
