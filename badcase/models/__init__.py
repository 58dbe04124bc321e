"""Models: what can predict. Importing this package imports torch: the window's process must not."""

from badcase.models.backbone import Backbone, LinearHead
from badcase.models.head import Head, fit_head, fit_head_in_steps
from badcase.models.loading import load_model, relative_spec, stored_spec
from badcase.models.model import Model, choose_device
from badcase.models.output import ModelOutput
from badcase.models.packaged import PACKAGED, default_backbone

__all__ = [
    "PACKAGED",
    "Backbone",
    "Head",
    "LinearHead",
    "Model",
    "ModelOutput",
    "choose_device",
    "default_backbone",
    "fit_head",
    "fit_head_in_steps",
    "load_model",
    "relative_spec",
    "stored_spec",
]
