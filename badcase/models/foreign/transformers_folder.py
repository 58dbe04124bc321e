"""A folder saved by `save_pretrained`, or a hub id: a classifier through the Auto classes, or an encoder where it has no head."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from torch import Tensor

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.foreign.encoder import load_encoder
from badcase.models.foreign.first_pass import first_pass
from badcase.models.foreign.hub_access import file_in, hub_options
from badcase.models.foreign.missing_weights import lacking, loaded_with_report, needed, silenced
from badcase.models.foreign.preparation import image_inputs, text_inputs
from badcase.models.foreign.transformers_errors import refused, require_timm
from badcase.models.hugging_face import HuggingFaceModel, names_of, quiet_transformers
from badcase.models.inputs import Inputs
from badcase.models.model import Model
from badcase.models.output import logits_of, numbered
from badcase.out_of_memory import is_out_of_memory

AUTO = {Kind.IMAGE: "AutoModelForImageClassification", Kind.TEXT: "AutoModelForSequenceClassification"}
# Heads that answer something else, some under the very names of a classifier's: one label a token, say.
OTHER_TASK = re.compile(r"For(?!\w*Classification)[A-Z]|ForTokenClassification|ForAudio|ForVideo")


@quiet_transformers()
def load_transformers(spec: dict[str, Any]) -> Model:
    """Load from a spec: source (folder or hub id), task (optional)."""
    import transformers

    source = str(spec["source"])
    options = hub_options(source)
    if file_in(source, "config.json", options) is None and file_in(source, "modules.json", options) is not None:
        return load_encoder(spec)  # a sentence encoder that lies in a folder of its own
    try:
        config = transformers.AutoConfig.from_pretrained(source, **options)
        if config.model_type == "timm_wrapper":
            require_timm(source)
        said = " ".join(config.architectures or [])
        kind = _kind_of(config, said, source, spec.get("task"))
        if (
            OTHER_TASK.search(said)
            or not _may_classify(config, kind)
            or ("Classification" not in said and file_in(source, "modules.json", options))
        ):
            return load_encoder(spec | {"task": kind.value})
        auto, safe = getattr(transformers, AUTO[kind]), _weights(source)
        network, missing, notes = loaded_with_report(auto, source, use_safetensors=safe, **options)
    except BadcaseError:
        raise
    except Exception as error:  # configuration, hub and weights fail in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        raise refused(source, error, options) from error
    classes = _named_classes(network.config)
    inputs: Inputs
    if kind is Kind.IMAGE:
        inputs = image_inputs(source, options, notes)
    else:
        inputs = text_inputs(source, options, network, notes)
    name = str(spec.get("name") or Path(source).name)
    kept = {"kind": "hugging_face", "source": source, "task": kind.value}
    model = HuggingFaceModel(network, inputs, spec=kept, kind=kind, name=name, classes=classes, notes=notes)
    if missing and not _complete(model, missing):
        return load_encoder(spec | {"task": kind.value})
    return model


def _complete(model: HuggingFaceModel, missing: set[str]) -> bool:
    """Whether the classifier is in the file; BadcaseError where that is and other weights are not."""
    below = f"{getattr(model.network, 'base_model_prefix', '')}."
    try:
        if f"{model.last_layer.name}.weight" in missing:
            return False
    except BadcaseError:
        if all(name.startswith(below) for name in missing):
            raise
        return False  # no head, whatever it would have wanted of its input
    example = model.example()

    def logits() -> Tensor:
        return logits_of(model.network(**example))

    with first_pass(model.name, model.network, example):
        lacks = needed(model.network, missing, logits)
    if lacks:
        raise lacking(str(model.spec["source"]), lacks)
    silenced(model.network, missing)
    return True


def _weights(source: str) -> bool | None:
    """Insist on safetensors where the folder has them; a .bin is then read by transformers with weights_only."""
    folder = Path(source)
    return True if folder.is_dir() and any(folder.glob("*.safetensors")) else None


def _kind_of(config: Any, said: str, source: str, task: str | None) -> Kind:
    """What the model reads: as its architecture says, else as the project needs where it could read both."""
    from transformers.models.auto import modeling_auto

    if "ForImageClassification" in said:
        return Kind.IMAGE
    if "ForSequenceClassification" in said:
        return Kind.TEXT
    model_type = config.model_type
    both = hasattr(config, "vision_config") and hasattr(config, "text_config")
    image = both or model_type in _names(modeling_auto, "IMAGE_CLASSIFICATION", "IMAGE", "BACKBONE")
    text = both or model_type in _names(modeling_auto, "SEQUENCE_CLASSIFICATION", "TEXT_ENCODING", "MASKED_LM")
    text = text and model_type not in _names(modeling_auto, "AUDIO_CLASSIFICATION", "CTC")
    if not image and not text:
        reads = _main_input(config)
        image, text = reads == "pixel_values", reads == "input_ids"
    if image == text:
        if image and task:
            return Kind(task)
        raise BadcaseError(
            _("this model classifies neither images nor texts") if not image else _("this model reads images and texts alike"),
            where=source,
            expected=_("an architecture ...ForImageClassification or ...ForSequenceClassification, or their encoder"),
            got=said or model_type,
            hint=_("Save the model with its classification head, or load it with `package.module:factory`."),
        )
    return Kind.IMAGE if image else Kind.TEXT


def _main_input(config: Any) -> str:
    """What the plain network of this configuration reads first, "" where transformers has none."""
    from transformers import MODEL_MAPPING

    found = MODEL_MAPPING.get(type(config), None)
    return str(getattr(found, "main_input_name", ""))


def _names(modeling_auto: Any, *tasks: str) -> set[str]:
    mappings = (getattr(modeling_auto, f"MODEL_FOR_{task}_MAPPING_NAMES", {}) for task in tasks)
    return {name for mapping in mappings for name in mapping}


def _may_classify(config: Any, kind: Kind) -> bool:
    """Whether transformers has a classifier of this architecture, and the configuration does not say that it has no classes."""
    from transformers.models.auto import modeling_auto

    task = "IMAGE_CLASSIFICATION" if kind is Kind.IMAGE else "SEQUENCE_CLASSIFICATION"
    own_code = bool(getattr(config, "auto_map", None)) and AUTO[kind] in config.auto_map
    known = config.model_type in _names(modeling_auto, task) or own_code
    return known and getattr(config, "num_labels", 1) != 0


def _named_classes(config: Any) -> list[str] | None:
    names = names_of(config)
    return None if numbered(names) == list(range(len(names))) else names  # their numbers alone are no names
