"""Character n-gram features fitted on the project's own texts: no download, every script."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.numpy import load_file, save_file
from torch import Tensor, nn

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.backbone import Backbone
from badcase.models.inputs import Batch, Raw
from badcase.store.atomic_files import write_whole

WIDTH = 256
FITTED_ON = 50_000
GRAMS = 60_000


class CharGrams:
    """TF-IDF of single characters and pairs, projected on its leading singular directions, unit length.

    Attributes:
        vocabulary: Grams in column order.
        idf: (v,).
        components: (d, v).
    """

    def __init__(self, vocabulary: list[str], idf: npt.NDArray[Any], components: npt.NDArray[Any]) -> None:
        self.vocabulary = vocabulary
        # contiguous: safetensors would write the memory of a transposed array in the wrong order
        self.idf, self.components = (np.ascontiguousarray(part, np.float32) for part in (idf, components))
        self._counter = _counter(vocabulary={gram: column for column, gram in enumerate(vocabulary)})
        self._counter.idf_ = self.idf

    @classmethod
    def fit(cls, texts: Sequence[str]) -> CharGrams:
        """Fit on texts (evenly spread rows where there are more than 50,000); the same texts give the same features."""
        from sklearn.decomposition import TruncatedSVD

        step = max(1, len(texts) // FITTED_ON)
        few = list(texts)[::step]
        counter = _counter(min_df=2 if len(few) > 100 else 1, max_features=GRAMS)
        try:
            matrix = counter.fit_transform(few)
        except ValueError as error:
            raise BadcaseError(_("the texts hold no characters to learn from"), got=error) from error
        width = max(1, min(WIDTH, matrix.shape[0] - 1, matrix.shape[1] - 1))
        svd = TruncatedSVD(width, random_state=0).fit(matrix)
        return cls(list(counter.get_feature_names_out()), counter.idf_, svd.components_)

    def __call__(self, raw: Sequence[Raw]) -> Batch:
        features = self._counter.transform(list(raw)) @ self.components.T
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        return {"features": torch.from_numpy(np.asarray(features / np.maximum(lengths, 1e-12), np.float32))}

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with write_whole(folder / "vocabulary.json") as temporary:
            temporary.write_text(json.dumps(self.vocabulary, ensure_ascii=False), encoding="utf-8")
        with write_whole(folder / "chargrams.safetensors") as temporary:
            save_file({"idf": self.idf, "components": self.components}, temporary)

    def describe(self) -> dict[str, Any]:
        digest = hashlib.blake2b(digest_size=16)
        for part in ("\0".join(self.vocabulary).encode(), self.idf.tobytes(), self.components.tobytes()):
            digest.update(part)
        return {"chargrams": digest.hexdigest()}


def _counter(**options: Any) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32, **options)


class _Given(nn.Module):
    """The features as they come: all the work was done while preparing."""

    def forward(self, features: Tensor) -> Tensor:
        return features


class CharGramsBackbone(Backbone):
    """Character features as a backbone like any other."""

    def __init__(self, grams: CharGrams) -> None:
        super().__init__(_Given(), grams, kind=Kind.TEXT, name="chargrams", width=len(grams.components))

    def save(self, folder: Path) -> dict[str, Any]:
        self.inputs.save(folder)
        return {"kind": "chargrams", "source": str(folder)}


def load_chargrams(spec: dict[str, Any]) -> CharGramsBackbone:
    """Load from a spec whose `source` is the folder that `save` wrote."""
    folder = Path(spec["source"])
    try:
        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        arrays = load_file(folder / "chargrams.safetensors")
    except OSError as error:
        raise BadcaseError(
            _("the character features of this model cannot be read"),
            where=str(folder),
            got=error,
            hint=_("Run the prediction again with the backbone chargrams; it fits them anew."),
        ) from error
    return CharGramsBackbone(CharGrams(vocabulary, arrays["idf"], arrays["components"]))
