"""An encoder without a classifier, from transformers, sentence-transformers or SetFit, as a backbone: its features and a head."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _, marked
from badcase.items.kinds import Kind
from badcase.models.backbone import Backbone
from badcase.models.foreign.first_pass import first_pass
from badcase.models.foreign.hub_access import file_in, hub_options
from badcase.models.foreign.missing_weights import lacking, loaded_with_report, needed, silenced
from badcase.models.foreign.preparation import image_inputs, text_inputs
from badcase.models.foreign.sentence_modules import SentenceModules, pooled, sentence_modules, write_modules
from badcase.models.foreign.transformers_errors import refused
from badcase.models.hugging_face import quiet_transformers
from badcase.models.inputs import Inputs
from badcase.out_of_memory import is_out_of_memory

_POOLED = {
    "cls": marked("the first token"),
    "max": marked("the largest value over the tokens"),
    "mean": marked("the mean over the tokens"),
    "mean_sqrt_len": marked("the sum over the tokens by the root of their number"),
    "weightedmean": marked("a mean over the tokens in which later ones weigh more"),
    "lasttoken": marked("the last token"),
    "pooler": marked("what its pooler gives"),
    "map": marked("the mean over the feature map"),
}


class EncoderFeatures(nn.Module):
    """Features (b, d) of an encoder. `modules` says how those of texts are made, `pooler` whether images take its pooler."""

    def __init__(self, encoder: Any, kind: Kind, modules: SentenceModules) -> None:
        super().__init__()
        self.encoder, self.kind, self.pooler = encoder, kind, True
        self.pooling, self.normalize = list(modules.pooling), modules.normalize
        self.dense = nn.Sequential(*modules.dense)
        self._decodes = "decoder_input_ids" in inspect.signature(encoder.forward).parameters
        self.taken = "mean"  # what the last pass took, a key of _POOLED

    def forward(self, **batch: Tensor) -> Tensor:
        features = self._image(batch) if self.kind is Kind.IMAGE else self._text(batch)
        features = self.dense(features)
        return nn.functional.normalize(features, dim=1) if self.normalize else features

    def _text(self, batch: dict[str, Tensor]) -> Tensor:
        if not self.pooling and hasattr(self.encoder, "get_text_features"):
            self.taken = "pooler"
            return _projected(self.encoder.get_text_features(**batch))
        reads = self.encoder.get_encoder() if self._decodes else self.encoder
        tokens = reads(**batch).last_hidden_state  # (b, t, d)
        mask = batch.get("attention_mask")
        mask = torch.ones(tokens.shape[:2], dtype=torch.long, device=tokens.device) if mask is None else mask
        return torch.cat([pooled(tokens, mask, name) for name in self.pooling or ["mean"]], 1)

    def _image(self, batch: dict[str, Tensor]) -> Tensor:
        if hasattr(self.encoder, "get_image_features"):
            self.taken = "pooler"
            return _projected(self.encoder.get_image_features(**batch))
        output = self.encoder(**batch)
        gave = getattr(output, "pooler_output", None)
        if self.pooler and gave is not None:
            self.taken = "pooler"
            return gave.flatten(1)
        places: Tensor = output.last_hidden_state
        if places.ndim == 4:
            self.taken = "map"
            return places.mean((2, 3))
        first = any("cls_token" in name or "class_" in name for name, _value in self.encoder.named_parameters())
        self.taken = "cls" if first else "mean"
        return places[:, 0] if first else places.mean(1)


def _projected(output: Any) -> Tensor:
    made: Tensor = output if isinstance(output, Tensor) else output.pooler_output
    return made


class EncoderBackbone(Backbone):
    """An encoder that a person brought. It is saved whole where its weights have changed, else named by its source."""

    network: EncoderFeatures

    def __init__(self, network: EncoderFeatures, inputs: Inputs, spec: dict[str, Any], modules: SentenceModules) -> None:
        super().__init__(network, inputs, kind=network.kind, name=str(spec.get("name") or Path(spec["source"]).name), width=0)
        self.spec, self.modules = spec, modules

    def scratch(self, seed: int) -> Any:
        raise BadcaseError(
            _("an encoder without a classifier comes only with its pretrained weights"),
            where=self.name,
            hint=_("`badcase train --from scratch` builds a small network of its own instead."),
        )

    def complete(self, missing: set[str]) -> None:
        """Find out the width of the features, and refuse an encoder whose file lacks weights that they need."""
        network, example = self.network, self.example()

        def features() -> Tensor:
            made: Tensor = network(**example)
            return made

        with first_pass(self.name, network, example), torch.no_grad():
            self.width = features().shape[1]
        if missing:
            lacks = needed(network.encoder, missing, features)
            if any("pooler" in name for name in lacks):
                network.pooler = False
                lacks = needed(network.encoder, missing, features)
            if lacks:
                raise lacking(str(self.spec["source"]), lacks)
            if any(name.startswith("pooler.") for name in missing):
                network.encoder.pooler = None  # so that what is saved has none either
            silenced(network.encoder, missing)
            with first_pass(self.name, network, example), torch.no_grad():
                self.width = features().shape[1]
        self.original_id = self.embedding_id

    @quiet_transformers()
    def save(self, folder: Path) -> dict[str, Any]:
        if self.embedding_id == self.original_id and not self.spec.get("copied"):
            return self.spec
        folder.mkdir(parents=True, exist_ok=True)
        self.network.encoder.save_pretrained(folder)
        self.inputs.save(folder)
        if self.kind is Kind.TEXT and not hasattr(self.network.encoder, "get_text_features"):
            modules = SentenceModules("", self.network.pooling or ["mean"], list(self.network.dense), self.network.normalize)
            modules.longest = getattr(self.inputs, "max_length", None)
            write_modules(folder, modules, int(self.network.encoder.config.hidden_size))
        return self.spec | {"source": str(folder), "copied": True}


@quiet_transformers()
def load_encoder(spec: dict[str, Any]) -> EncoderBackbone:
    """Load from a spec: source (folder or hub id), task, copied (it is a copy inside a project)."""
    from transformers import AutoModel

    source = str(spec["source"])
    options = hub_options(source)
    kind = Kind(spec.get("task") or Kind.TEXT)
    try:
        modules = sentence_modules(source, options) or SentenceModules()
        below = {"subfolder": modules.encoder} if modules.encoder else {}
        encoder, missing, notes = loaded_with_report(AutoModel, source, **options, **below)
    except BadcaseError:
        raise
    except Exception as error:  # configuration, hub and weights fail in many ways, and all mean the same here
        if is_out_of_memory(error):
            raise
        raise refused(source, error, options) from error
    inputs: Inputs
    if kind is Kind.IMAGE:
        inputs = image_inputs(source, options | below, notes)
    else:
        inputs = text_inputs(source, options, encoder, notes, subfolder=modules.encoder, longest=modules.longest)
    network = EncoderFeatures(encoder, kind, modules).eval()
    kept = {"kind": "encoder", "source": source, "task": kind.value}
    kept |= {name: spec[name] for name in ("copied", "name") if spec.get(name)}
    backbone = EncoderBackbone(network, inputs, kept, modules)
    backbone.complete(missing)
    if not spec.get("copied"):
        how = "+".join(network.pooling) if network.pooling else network.taken
        text = _(
            "The file holds no classifier for these classes: the encoder gives the features, and a linear head is fitted on them."
        )
        notes.insert(0, text)
        parts = ", ".join(_(_POOLED[name]) for name in how.split("+"))
        notes.insert(1, _("The features of an item: {how}.").format(how=parts))
        if file_in(source, "model_head.pkl", options) is not None:
            notes.insert(2, _("model_head.pkl is a pickle, which is never read: the classifier in it is left out."))
    backbone.notes = notes
    return backbone
