"""The embedding of what is no item of a project: a picture or a text that somebody asks about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Kind
from badcase.items.images import decode
from badcase.items.whole_files import require_whole
from badcase.progress import Job, Progress

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

_LARGEST = 2048  # pixels a side that a model is given at most, as of a huge item


def embedding(project: ProjectData, asked: str | Path) -> Job[npt.NDArray[np.float32]]:
    """(d,) of length 1, by the model of the prediction set in use, as it embeds items.

    Args:
        project: The project.
        asked: The path of an image where the items are images, a text where they are texts: the models read one or the other.

    Raises:
        BadcaseError: The file is no image, or nobody knows the model, as of predictions that came from a file.
    """
    import torch

    from badcase.models import load_model, stored_spec

    predictions = project.predictions.current
    if predictions is None or not predictions.has_embeddings or not predictions.has_model:
        raise BadcaseError(
            _("no model is there that could look at it"),
            where=str(project.path),
            hint=_("Predict with a model: the predictions in use came from a file, or there are none."),
        )
    raw = _read(Path(asked)) if project.kind is Kind.IMAGE else str(asked)
    yield Progress(_("Loading the model"))
    spec = stored_spec(predictions.meta["model"], project.path)
    project.runs.require_own(spec["source"])
    model = load_model(spec, kind=project.kind, root=project.path)
    yield Progress(_("Looking at it"))
    with torch.inference_mode():
        batch = {name: tensor.to(model.device) for name, tensor in model.prepare([raw]).items()}
        found: npt.NDArray[np.float32] = model.forward(batch).embeddings[0].float().cpu().numpy()
    if found.shape != (predictions.meta["d"],) or not np.isfinite(found).all():
        raise BadcaseError(_("the model sees nothing in it that could be compared"), where=str(asked)[:200])
    return found / max(float(np.linalg.norm(found)), 1e-12)


def _read(path: Path) -> Image.Image:
    require_whole(path)
    try:
        return decode(path.read_bytes(), _LARGEST)
    except OSError as error:
        raise BadcaseError(_("the picture cannot be read"), where=str(path), got=error) from error
