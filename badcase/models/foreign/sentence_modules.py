"""What modules.json of a sentence-transformers or SetFit folder says: where its encoder lies, how its tokens are pooled."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.foreign.hub_access import file_in
from badcase.models.foreign.own_files import inside
from badcase.models.foreign.weight_files import read_weights
from badcase.store.atomic_files import write_whole

# In the order in which sentence-transformers puts several side by side.
POOLINGS = ("cls", "max", "mean", "mean_sqrt_len", "weightedmean", "lasttoken")
_KEYS = {"cls": "cls_token", "max": "max_tokens", "mean": "mean_tokens", "mean_sqrt_len": "mean_sqrt_len_tokens"}
_KEYS |= {"weightedmean": "weightedmean_tokens", "lasttoken": "lasttoken"}
_ENCODERS = ("Transformer", "CLIPModel")


@dataclass(slots=True)
class SentenceModules:
    """How features are made of the vectors of tokens.

    Attributes:
        encoder: The subfolder of the encoder, "" for the folder itself.
        pooling: Names of `POOLINGS`, put side by side; empty where the folder does not say.
        dense: Layers behind the pooling.
        normalize: Whether features have length 1.
        longest: The most tokens of a text, None where it does not say.
    """

    encoder: str = ""
    pooling: list[str] = field(default_factory=list)
    dense: list[nn.Module] = field(default_factory=list)
    normalize: bool = False
    longest: int | None = None


def sentence_modules(source: str, options: dict[str, Any]) -> SentenceModules | None:
    """What a folder says; None where it has no modules.json. BadcaseError where it has a step that is not known here."""
    path = file_in(source, "modules.json", options)
    if path is None:
        return None
    made = SentenceModules()
    for module in json.loads(path.read_text(encoding="utf-8")):
        kind, place = str(module["type"]).rpartition(".")[2], str(module.get("path", ""))
        inside(source, place)
        if kind in _ENCODERS:
            made.encoder = place
            made.longest = _read(source, place, "sentence_bert_config.json", options).get("max_seq_length")
        elif kind == "Pooling":
            made.pooling = pooling_of(_read(source, place, "config.json", options))
        elif kind == "Dense":
            made.dense.append(_dense(source, place, options))
        elif kind == "Normalize":
            made.normalize = True
        elif kind not in ("Dropout",):
            raise BadcaseError(
                _("this sentence encoder has a step that is not known here"),
                where=source,
                expected="Transformer, Pooling, Dense, Normalize",
                got=kind,
                hint=_("Run it with its own library and bring its probabilities: badcase predict PROJECT --from probs.csv"),
            )
    return made


def pooling_of(config: dict[str, Any]) -> list[str]:
    """Names of `POOLINGS` in a configuration of the form of 1_Pooling/config.json."""
    said = config.get("pooling_mode")
    if said:
        names = [said] if isinstance(said, str) else list(said)
        return [name for name in POOLINGS if name in names]
    return [name for name in POOLINGS if config.get(f"pooling_mode_{_KEYS[name]}")]


def pooled(tokens: Tensor, mask: Tensor, name: str) -> Tensor:
    """(b, d) from the vectors of tokens.

    Args:
        tokens: (b, t, d).
        mask: (b, t) 1 where there is a token.
        name: One of `POOLINGS`.
    """
    weights = mask[..., None].to(tokens.dtype)
    if name == "cls":
        return tokens[torch.arange(len(tokens), device=tokens.device), mask.int().argmax(1)]  # the first, wherever padding is
    if name == "lasttoken":
        places = torch.arange(mask.shape[1], device=mask.device) * (mask > 0)
        return tokens[torch.arange(len(tokens), device=tokens.device), places.argmax(1)]
    if name == "max":
        return tokens.masked_fill(weights == 0, torch.finfo(tokens.dtype).min).amax(1)
    if name == "weightedmean":
        weights = weights * torch.arange(1, tokens.shape[1] + 1, device=tokens.device)[None, :, None]
    total, count = (tokens * weights).sum(1), weights.sum(1).clamp(min=1e-9)
    return total / (count.sqrt() if name == "mean_sqrt_len" else count)


def write_modules(folder: Path, modules: SentenceModules, width: int) -> None:
    """Write modules.json and its folders beside an encoder, as sentence-transformers reads them.

    Args:
        folder: Where the encoder lies.
        modules: How its tokens are pooled.
        width: Of the vector of a token.
    """
    prefix = "sentence_transformers.models."
    steps: list[tuple[str, str]] = [("", "Transformer"), ("1_Pooling", "Pooling")]
    config = {"word_embedding_dimension": width}
    config |= {f"pooling_mode_{key}": name in modules.pooling for name, key in _KEYS.items()}
    _write(folder / "1_Pooling" / "config.json", config)
    for number, dense in enumerate(modules.dense, 2):
        layer, activation = dense.get_submodule("0"), dense.get_submodule("1")
        assert isinstance(layer, nn.Linear)
        place = f"{number}_Dense"
        said = {"in_features": layer.in_features, "out_features": layer.out_features, "bias": layer.bias is not None}
        _write(folder / place / "config.json", said | {"activation_function": f"torch.nn.{type(activation).__name__}"})
        with write_whole(folder / place / "model.safetensors") as temporary:
            save_file({f"linear.{k}": v.detach().cpu().contiguous() for k, v in layer.state_dict().items()}, temporary)
        steps.append((place, "Dense"))
    steps += [(f"{len(steps)}_Normalize", "Normalize")] if modules.normalize else []
    named = [{"idx": i, "name": str(i), "path": path, "type": prefix + kind} for i, (path, kind) in enumerate(steps)]
    _write(folder / "modules.json", named)
    _write(folder / "sentence_bert_config.json", {"max_seq_length": modules.longest, "do_lower_case": False})


def _write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with write_whole(path) as temporary:
        temporary.write_text(json.dumps(value, indent=1), encoding="utf-8")


def _read(source: str, place: str, name: str, options: dict[str, Any]) -> dict[str, Any]:
    path = file_in(source, f"{place}/{name}" if place else name, options)
    kept = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
    return dict(kept)


def _dense(source: str, place: str, options: dict[str, Any]) -> nn.Module:
    config = _read(source, place, "config.json", options)
    name = str(config.get("activation_function", "torch.nn.modules.activation.Tanh")).rpartition(".")[2]
    activation = getattr(nn, name, None)
    if not (isinstance(activation, type) and issubclass(activation, nn.Module)):
        raise BadcaseError(
            _("this sentence encoder has an activation that is not known here"),
            where=f"{source}/{place}",
            got=name,
            hint=_("Run it with its own library and bring its probabilities: badcase predict PROJECT --from probs.csv"),
        )
    layer = nn.Linear(int(config["in_features"]), int(config["out_features"]), bias=bool(config.get("bias", True)))
    layer.load_state_dict({name.removeprefix("linear."): tensor for name, tensor in _tensors(source, place, options).items()})
    return nn.Sequential(layer, activation())


def _tensors(source: str, place: str, options: dict[str, Any]) -> dict[str, Tensor]:
    files = (file_in(source, f"{place}/{name}", options) for name in ("model.safetensors", "pytorch_model.bin"))
    path = next((file for file in files if file is not None), None)
    if path is None:
        raise BadcaseError(
            _("a part of this sentence encoder is missing"),
            where=f"{source}/{place}",
            expected="model.safetensors",
            hint=_("Save the encoder again with its own library."),
        )
    return read_weights(path, [])
