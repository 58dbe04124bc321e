"""Loading: from what a person names, or from a spec, to a model."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items.kinds import Kind
from badcase.models.backbone import Backbone, LinearHead, head_layer
from badcase.models.chargrams import load_chargrams
from badcase.models.exported import load_exported
from badcase.models.factory import load_factory
from badcase.models.foreign.encoder import load_encoder
from badcase.models.foreign.file_forms import Form, adapter_in, files_within, form_of_file, form_of_folder, refuse
from badcase.models.foreign.hub_access import cached
from badcase.models.foreign.own_files import inside, require_readable
from badcase.models.foreign.transformers_folder import load_transformers
from badcase.models.model import Model, choose_device
from badcase.models.output import few
from badcase.models.packaged import PACKAGED
from badcase.models.pretrained import BACKBONES
from badcase.models.shaped import load_shaped
from badcase.models.small.small_model import load_small
from badcase.network import asked_for
from badcase.out_of_memory import is_out_of_memory
from badcase.store.checks.json_shapes import Shape, misfit
from badcase.trust.foreign_code import named_code
from badcase.trust.gate import on_behalf_of, trust, vouching_for


def load_saved(spec: dict[str, Any]) -> Model:
    """A folder that `FactoryModel.save` wrote: how the network is built is in its badcase.json."""
    folder = Path(spec["source"])
    kept = _kept_in(folder)
    model = load_factory(kept | {"weights": str(inside(folder, kept["weights"]))})
    model.spec = {"kind": "saved", "source": str(folder), "name": model.name}
    return model


def load_linear_head(spec: dict[str, Any]) -> LinearHead:
    """Load from a spec whose `source` is the folder that `save` wrote."""
    folder = Path(spec["source"])
    try:
        kept = _kept_in(folder)
        tensors = load_file(folder / "head.safetensors")
    except OSError as error:
        raise BadcaseError(
            _("the model's folder cannot be read"),
            where=str(folder),
            got=error,
            hint=_("Predict again with a packaged backbone, or accept another run."),
        ) from error
    backbone: Backbone
    if kept["backbone"] == "chargrams":
        backbone = load_chargrams({"source": str(folder / "backbone")})
    elif kept["backbone"] == "encoder":
        beside = {"source": str(folder / "backbone")} if kept["encoder"].get("copied") else {}
        backbone = load_encoder(kept["encoder"] | beside)
    else:
        backbone = BACKBONES[kept["name"]]()
        if (folder / "backbone.safetensors").exists():
            backbone.network.load_state_dict(load_file(folder / "backbone.safetensors"))
    spec = {"kind": "linear_head", "source": str(folder), "name": kept["name"]}
    return LinearHead(backbone, head_layer(tensors["weight"], tensors["bias"]), kept["classes"], spec)


def _kept_in(folder: Path) -> dict[str, Any]:
    """What the badcase.json of a folder says."""
    kept = json.loads((folder / "badcase.json").read_text(encoding="utf-8"))
    if not isinstance(kept, dict) or kept.get("kind") not in _SAVED:
        raise ValueError(_("kind is none of {names}").format(names=", ".join(_SAVED)))
    return kept


@contextmanager
def _damage_told(spec: dict[str, Any]) -> Iterator[None]:
    """Give what goes wrong with the files of a folder of ours its words: they may say anything, in any shape."""
    try:
        yield
    except BadcaseError:
        raise
    except Exception as error:
        if spec["kind"] not in (*_SAVED.values(), "chargrams") or is_out_of_memory(error):
            raise
        raise BadcaseError(
            _("the model's folder is damaged, or no model of badcase"),
            where=str(spec["source"]),
            got=f"{type(error).__name__}: {error}",
            hint=_("Name another model: badcase predict PROJECT --model MODEL"),
        ) from error


# Kinds in a badcase.json, and of its spec.
_SAVED = {"factory": "saved", "linear_head": "linear_head", "shaped": "shaped", "small": "small"}

KINDS: dict[str, Callable[[dict[str, Any]], Model]] = {
    "hugging_face": load_transformers,
    "encoder": load_encoder,
    "exported": load_exported,
    "factory": load_factory,
    "packaged": lambda spec: BACKBONES[spec["source"]](),
    "chargrams": load_chargrams,
    "linear_head": load_linear_head,
    "saved": load_saved,
    "small": load_small,
    "shaped": lambda spec: load_shaped(spec, lambda below: KINDS[below["kind"]](below)),
}


# Of the parts of a spec that are read from it, whoever wrote it.
_SPEC: Shape = {
    "kind": lambda kind: isinstance(kind, str) and kind in KINDS,
    "source": str,
    "name?": (str, None),
    "task?": lambda task: task is None or task in list(Kind),
    "classes?": ([str], None),
    "weights?": (str, None),
    "search_path?": (str, None),
}


def load_model(
    source: str | Path | dict[str, Any],
    *,
    classes: Sequence[str] | None = None,
    kind: Kind | None = None,
    weights: str | Path | None = None,
    trust_remote_code: bool = False,
    device: str | None = "cpu",
    root: Path | None = None,
    column: str | None = None,
) -> Model:
    """A model from a folder, a hub id, a .pt2 file, package.module:factory, a packaged name, or another model's spec.

    Args:
        source: One of these. A person who names a factory trusts its code, in the project of `root`; a spec names it for nobody.
        classes: The project's; the outputs come in their order, and a model of other classes is refused.
        kind: For code that does not say whether it reads images or texts.
        weights: A file for the network of package.module:factory.
        trust_remote_code: Whether the person vouches for code that comes with the model, which is kept.
        device: The device by name; None for the fastest.
        root: Where the relative paths of a spec begin.
        column: The label's, which tells the heads of a network apart that has learnt several.
    """
    spec = dict(source) if isinstance(source, dict) else spec_for(str(source))
    if root is not None and spec["kind"] not in ("packaged", "factory"):
        beside = root / spec["source"]
        spec["source"] = str(beside) if beside.exists() else spec["source"]
    spec |= {"count": len(classes)} if classes is not None else {}
    spec |= {"task": kind.value} if kind is not None and not spec.get("task") else {}
    if weights is not None and spec["kind"] != "factory":
        raise BadcaseError(
            _("weights of their own belong to package.module:factory, this model has its own"),
            where=str(weights),
            got=str(spec["source"]),
            hint=_("Leave --weights out, or name the code that builds the network: --model package.module:factory."),
        )
    spec |= {"weights": str(Path(weights).absolute())} if weights is not None else {}
    if spec["kind"] not in ("hugging_face", "packaged", "factory"):  # those of transformers are looked at where they are read
        require_readable(spec["source"])
    named = not isinstance(source, dict)  # by the person, in this call
    of_hub = named and spec["kind"] == "hugging_face" and not Path(spec["source"]).exists()  # a folder may name what it likes
    with on_behalf_of(root), vouching_for(root, trust_remote_code), asked_for(of_hub):
        if spec["kind"] == "factory" and named:
            with suppress(ImportError):  # told where it is loaded
                trust(named_code(spec["source"], spec["search_path"]))
        with _damage_told(spec):
            model = KINDS[spec["kind"]](spec)
        model = model.to(choose_device(device))
    if classes is not None:
        model.align(classes, column)
    return model


def stored_spec(spec: object, where: Path) -> dict[str, Any]:
    """A spec that a project keeps; a mere name would count as one that a person gave. BadcaseError where it is damaged."""
    if isinstance(spec, dict) and misfit(spec, _SPEC) is None:
        return spec
    raise BadcaseError(
        _("what the project keeps of its model is damaged"),
        where=str(where),
        expected=" | ".join(KINDS),
        got=json.dumps(spec, ensure_ascii=False),
        hint=_("Predict again and name the model: badcase predict PROJECT --model MODEL."),
    )


def relative_spec(spec: dict[str, Any], root: Path) -> dict[str, Any]:
    """The spec with paths below `root` made relative, so that the project folder can be moved."""
    path = Path(spec["source"])
    return spec | {"source": str(path.relative_to(root))} if path.is_absolute() and path.is_relative_to(root) else spec


def spec_for(source: str) -> dict[str, Any]:
    """What a person named, told apart by its form and by what is on the disk."""
    path = Path(source).expanduser()
    if path.is_dir():
        return _spec_of_folder(path.absolute())
    if path.is_file():
        return _spec_of_file(path.absolute())
    if source == "chargrams":
        raise BadcaseError(
            _("chargrams is fitted on the texts of a project"),
            where=source,
            hint=_("Use it with `badcase predict PROJECT --model chargrams`."),
        )
    if source in PACKAGED:
        return {"kind": "packaged", "source": source}
    if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", source):
        return {"kind": "factory", "source": source, "search_path": str(Path.cwd())}
    if re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", source) and path.suffix != ".pt2" and not path.parent.exists():
        return {"kind": "hugging_face", "source": source}
    if re.fullmatch(r"[\w-][\w.-]*", source) and cached(source):
        return {"kind": "hugging_face", "source": source}
    raise _unknown(source)


def _unknown(source: str) -> BadcaseError:
    near = difflib.get_close_matches(source.casefold(), PACKAGED, n=1, cutoff=0.7)
    hint = _("Check the path; it is looked for in {folder}.").format(folder=Path.cwd())
    if near:
        hint = _("Did you mean --model {name}?").format(name=near[0])
    elif re.fullmatch(r"[\w-][\w.-]*", source):
        hint = _("A model of the hub is named with its owner: owner/name. A path is looked for in {folder}.").format(
            folder=Path.cwd()
        )
    return BadcaseError(
        _("there is no such model"),
        where=source,
        expected=_("a folder, a hub id (owner/name), a .pt2 file, package.module:factory or one of {names}").format(
            names=", ".join(PACKAGED)
        ),
        hint=hint,
    )


def _spec_of_folder(folder: Path) -> dict[str, Any]:
    if (folder / "badcase.json").is_file():
        with _damage_told({"kind": "saved", "source": folder}):
            kept = _kept_in(folder)
            return {"kind": _SAVED[kept["kind"]], "source": str(folder), "name": str(kept.get("name") or kept["source"])}
    if (adapter := adapter_in(folder)) is not None:
        raise adapter
    if (folder / "config.json").is_file() or (folder / "modules.json").is_file():
        return {"kind": "hugging_face", "source": str(folder)}
    if (form := form_of_folder(folder)) is not None:
        raise refuse(form, folder)
    files = files_within(folder)
    raise BadcaseError(
        _("this folder holds no model"),
        where=str(folder),
        expected="config.json, model.safetensors",
        got=few([path.name for path in files]),
        hint=_("Name the file itself: --model {path}.").format(path=files[0])
        if len(files) == 1
        else _("Save the model with model.save_pretrained(folder), and its processor or tokenizer too."),
    )


def _spec_of_file(path: Path) -> dict[str, Any]:
    require_readable(path)
    form = form_of_file(path)
    if isinstance(form, Form):
        raise refuse(form, path)
    if form == "exported" or path.suffix == ".pt2":
        return {"kind": "exported", "source": str(path)}
    if form in ("torch", "safetensors"):
        raise BadcaseError(
            _("a file of weights alone does not say which network it belongs to"),
            where=str(path),
            hint=_("Give --model package.module:factory --weights {name}.").format(name=path.name),
        )
    raise BadcaseError(
        _("this file is no model"),
        where=str(path),
        expected=_("a folder that `save_pretrained` wrote, a .pt2 file, or package.module:factory with --weights"),
        hint=_("Any other model: bring its probabilities, badcase predict PROJECT --from probs.csv"),
    )
