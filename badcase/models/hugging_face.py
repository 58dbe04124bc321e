"""A folder saved by `save_pretrained`, or a hub id: image or sequence classification through the Auto classes."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.inputs import ImageInputs, Inputs, ProcessorInputs, TextInputs
from badcase.models.model import Model
from badcase.models.random_state import seeded

NO_LIMIT = 100_000  # tokenizers that name no limit say 1e30


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Load without progress bars and remarks; whether transformers shows these is the user's own setting, and stays."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


class HuggingFaceModel(Model):
    """Any architecture that transformers' Auto classes load."""

    network: Any

    def with_classes(self, classes: Sequence[str], rng_seed: int) -> HuggingFaceModel:
        fresh = self._anew(classes, rng_seed)
        shapes = {name: tensor.shape for name, tensor in fresh.state_dict().items()}
        head = f"{self.last_layer.name}."
        kept = {
            name: tensor
            for name, tensor in self.network.state_dict().items()
            if shapes.get(name) == tensor.shape and not name.startswith(head)
        }
        fresh.load_state_dict(kept, strict=False)
        return self._around(fresh, classes)

    def scratch(self, seed: int) -> HuggingFaceModel:
        fresh = self._around(self._anew(self.own_classes or _names(self.network.config), seed), self.own_classes)
        fresh.order, fresh.classes = self.order, self.classes
        return fresh

    def _anew(self, classes: Sequence[str], seed: int) -> Any:
        config = copy.deepcopy(self.network.config)
        config.id2label = dict(enumerate(classes))
        config.label2id = {name: number for number, name in enumerate(classes)}
        with seeded(seed):
            return type(self.network)(config).to(self.device)

    def _around(self, network: nn.Module, classes: Sequence[str] | None) -> HuggingFaceModel:
        return HuggingFaceModel(
            network, self.inputs, spec=self.spec, kind=self.kind, name=self.name, classes=classes, notes=self.notes
        )

    def take_any_labels(self) -> None:
        self.network.config.problem_type = "multi_label_classification"

    @quiet_transformers()
    def save(self, folder: Path) -> dict[str, Any]:
        folder.mkdir(parents=True, exist_ok=True)
        if self.own_classes is not None:
            self.network.config.id2label = dict(enumerate(self.own_classes))
            self.network.config.label2id = {name: number for number, name in enumerate(self.own_classes)}
        self.network.save_pretrained(folder)
        self.inputs.save(folder)
        return {"kind": "hugging_face", "source": str(folder), "task": self.kind.value, "name": self.name}


@quiet_transformers()
def load_hugging_face(spec: dict[str, Any]) -> HuggingFaceModel:
    """Load from a spec: source (folder or hub id), task (optional), trust_remote_code."""
    import transformers

    source, trust = spec["source"], bool(spec.get("trust_remote_code", False))
    options = {"trust_remote_code": trust, "local_files_only": Path(source).is_dir()}
    try:
        config = transformers.AutoConfig.from_pretrained(source, **options)
        kind = Kind(spec["task"]) if spec.get("task") else _kind_of(config, source)
        auto = "AutoModelForImageClassification" if kind is Kind.IMAGE else "AutoModelForSequenceClassification"
        network = getattr(transformers, auto).from_pretrained(source, use_safetensors=_weights(source), **options)
    except BadcaseError:
        raise
    except Exception as error:  # configuration, hub and weights fail in many ways, and all mean the same here
        raise _refused(source, error, trust) from error
    notes: list[str] = []
    classes = _named_classes(network.config, notes)
    inputs: Inputs
    if kind is Kind.IMAGE:
        inputs = _image_inputs(source, options, notes)
    else:
        inputs = _text_inputs(source, options, network, notes)
    spec = {"kind": "hugging_face", "source": source, "task": kind.value, "trust_remote_code": trust}
    name = str(spec.get("name") or Path(source).name)
    return HuggingFaceModel(network.float(), inputs, spec=spec, kind=kind, name=name, classes=classes, notes=notes)


def _weights(source: str) -> bool | None:
    """Insist on safetensors where the folder has them; a .bin is then read by transformers with weights_only."""
    folder = Path(source)
    return True if folder.is_dir() and any(folder.glob("*.safetensors")) else None


def _kind_of(config: Any, source: str) -> Kind:
    from transformers.models.auto import modeling_auto

    said = " ".join(config.architectures or [])
    if "ForImageClassification" in said:
        return Kind.IMAGE
    if "ForSequenceClassification" in said:
        return Kind.TEXT
    image = config.model_type in modeling_auto.MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES
    text = config.model_type in modeling_auto.MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
    if image == text:
        raise BadcaseError(
            _("this model classifies neither images nor texts"),
            where=source,
            expected=_("an architecture ...ForImageClassification or ...ForSequenceClassification"),
            got=said or config.model_type,
            hint=_("Save the model with its classification head, or load it with `package.module:factory`."),
        )
    return Kind.IMAGE if image else Kind.TEXT


def _refused(source: str, error: Exception, trust: bool) -> BadcaseError:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "trust_remote_code" in str(error) and not trust:
        return BadcaseError(
            _("this model brings its own code, which is not run unless you say so"),
            where=source,
            hint=_("If you trust its author, add --trust-remote-code."),
        )
    hint = _("Check that the folder holds config.json and model.safetensors as `save_pretrained` writes them.")
    if not Path(source).is_dir():
        hint = _("Check the name, and that this machine reaches the hub; or give a folder saved by `save_pretrained`.")
    return BadcaseError(_("transformers cannot load this model"), where=source, got=text, hint=hint)


def _names(config: Any) -> list[str]:
    return [str(config.id2label[number]) for number in sorted(config.id2label)]


def _named_classes(config: Any, notes: list[str]) -> list[str] | None:
    names = _names(config)
    if all(name == f"LABEL_{number}" for number, name in enumerate(names)):
        notes.append(_("The model does not name its classes; they are taken in the order of the project's."))
        return None
    return names


def _image_inputs(source: str, options: dict[str, Any], notes: list[str]) -> Inputs:
    from transformers import AutoImageProcessor

    try:
        return ProcessorInputs(AutoImageProcessor.from_pretrained(source, **options))
    except (ImportError, ValueError, OSError) as error:
        path = Path(source) / "preprocessor_config.json"
        if not path.is_file():
            raise BadcaseError(
                _("the model does not say how its images are prepared"),
                where=source,
                expected="preprocessor_config.json",
                hint=_("Save the image processor beside the model: processor.save_pretrained(folder)."),
            ) from error
        inputs = ImageInputs(json.loads(path.read_text(encoding="utf-8")))
        notes.append(_("transformers has no Pillow image processor for this model; preprocessor_config.json is read directly."))
        return inputs


def _text_inputs(source: str, options: dict[str, Any], network: Any, notes: list[str]) -> TextInputs:
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        _has_words(tokenizer, Path(source))
    except Exception as error:  # as above
        raise BadcaseError(
            _("the tokenizer of the model cannot be loaded"),
            where=source,
            got=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
            hint=_("Save it beside the model: tokenizer.save_pretrained(folder)."),
        ) from error
    config = network.config
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        notes.append(_("The tokenizer names no padding token; {token} is used.").format(token=tokenizer.pad_token))
    if getattr(config, "pad_token_id", None) is None:
        config.pad_token_id = tokenizer.pad_token_id
    return TextInputs(tokenizer, _max_length(tokenizer, network, notes))


def _has_words(tokenizer: Any, folder: Path) -> None:
    """Without its files transformers makes a tokenizer that knows no word, and says nothing."""
    files = list(tokenizer.vocab_files_names.values())
    if folder.is_dir() and files and not any((folder / name).is_file() for name in files):
        raise FileNotFoundError(_("none of its files is here: {names}").format(names=", ".join(files)))


def _max_length(tokenizer: Any, network: Any, notes: list[str]) -> int:
    limits = [tokenizer.model_max_length] if tokenizer.model_max_length < NO_LIMIT else []
    positions = next((m for n, m in network.named_modules() if n.endswith("position_embeddings")), None)
    if isinstance(positions, nn.Embedding):
        # RoBERTa's positions start after its padding index
        offset = 0 if positions.padding_idx is None else positions.padding_idx + 1
        limits.append(positions.num_embeddings - offset)
    elif not limits and getattr(network.config, "max_position_embeddings", None):
        limits.append(network.config.max_position_embeddings)
    if not limits:
        notes.append(_("The model states no maximum text length; texts are truncated to 512 tokens."))
    return int(min(limits, default=512))
