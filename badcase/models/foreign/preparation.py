"""Preparation that a saved model brings: its image processor, or its tokenizer and the number of tokens that it reads."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from torch import nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.models.foreign.hub_access import file_in
from badcase.models.foreign.transformers_errors import missing_library
from badcase.models.inputs import ImageInputs, Inputs, ProcessorInputs, TextInputs
from badcase.out_of_memory import is_out_of_memory

NO_LIMIT = 100_000  # tokenizers that name no limit say 1e30


def image_inputs(source: str, options: dict[str, Any], notes: list[str]) -> Inputs:
    """The image processor of a model, or its preprocessor_config.json read directly."""
    from transformers import AutoImageProcessor

    try:
        return ProcessorInputs(AutoImageProcessor.from_pretrained(source, **options))
    except (ImportError, ValueError, OSError) as error:
        path = file_in(source, "preprocessor_config.json", options)
        if path is None:
            raise BadcaseError(
                _("the model does not say how its images are prepared"),
                where=source,
                expected="preprocessor_config.json",
                hint=_("Save the image processor beside the model: processor.save_pretrained(folder)."),
            ) from error
        inputs = ImageInputs(json.loads(path.read_text(encoding="utf-8")))
        notes.append(_("transformers has no Pillow image processor for this model; preprocessor_config.json is read directly."))
        return inputs


def text_inputs(
    source: str, options: dict[str, Any], network: Any, notes: list[str], *, subfolder: str = "", longest: int | None = None
) -> TextInputs:
    """The tokenizer of a model.

    Args:
        source: The folder, or the id on the hub.
        options: As `hub_options` gives them.
        network: Whose positions bound the length of a text.
        notes: Gets a sentence for each assumption.
        subfolder: Where in the source it lies.
        longest: The most tokens that the model is said to be used with.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options, **({"subfolder": subfolder} if subfolder else {}))
        _has_words(tokenizer, Path(source) / subfolder)
    except Exception as error:  # configuration and files fail in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        library = missing_library(error)
        raise BadcaseError(
            _("the tokenizer of the model cannot be loaded"),
            where=source,
            got=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
            hint=_("Save it beside the model: tokenizer.save_pretrained(folder).")
            if library is None
            else _("Install it with `pip install {name}`.").format(name=library),
        ) from error
    config = network.config
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
        notes.append(_("The tokenizer names no padding token; {token} is used.").format(token=tokenizer.pad_token))
    if getattr(config, "pad_token_id", None) is None:
        config.pad_token_id = tokenizer.pad_token_id
    return TextInputs(tokenizer, _max_length(tokenizer, network, longest, notes), names=_names(network))


def _names(network: Any) -> list[str] | None:
    """The inputs that the network takes: a tokenizer may make more."""
    names = list(inspect.signature(network.forward).parameters)
    return names if "input_ids" in names else None


def _has_words(tokenizer: Any, folder: Path) -> None:
    """Without its files transformers makes a tokenizer that knows no word, and says nothing."""
    files = list(tokenizer.vocab_files_names.values())
    if folder.is_dir() and files and not any((folder / name).is_file() for name in files):
        raise FileNotFoundError(_("none of its files is here: {names}").format(names=", ".join(files)))


def _max_length(tokenizer: Any, network: Any, longest: int | None, notes: list[str]) -> int:
    limits = [tokenizer.model_max_length] if tokenizer.model_max_length < NO_LIMIT else []
    limits += [longest] if longest else []
    said = min(limits, default=None)
    if (positions := positions_of(network)) is not None:
        limits.append(positions)
        if said is not None and said > positions:
            text = _("The tokenizer makes up to {n} tokens of a text, the network has positions for {m}: texts are cut at {m}.")
            notes.append(text.format(n=said, m=positions))
    if not limits:
        notes.append(_("The model states no maximum text length; texts are truncated to 512 tokens."))
    return int(min(limits, default=512))


def positions_of(network: Any) -> int | None:
    """How many tokens a network of texts has positions for; None where it does not say."""
    learnt = next((m for n, m in network.named_modules() if n.endswith("position_embeddings")), None)
    if isinstance(learnt, nn.Embedding):
        # RoBERTa's positions start after its padding index
        return learnt.num_embeddings - (0 if learnt.padding_idx is None else learnt.padding_idx + 1)
    stated = getattr(network.config, "max_position_embeddings", None)
    return stated if isinstance(stated, int) and stated > 0 else None
