"""Every reader under attack: its sound inputs, the ways to spoil them, and what is done with the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from badcase.export import apply_patch
from badcase.items.roots import fingerprint
from badcase.progress import finish
from badcase.project import Project
from tests.attacks import valid_inputs
from tests.attacks.mutations import (
    Bytes,
    either,
    spoil_bytes,
    spoil_member,
    spoil_npy,
    spoil_png,
    spoil_tar,
    spoil_values,
    spoil_words,
)
from tests.attacks.strange_tables import strange_arrow, strange_parquet
from tests.attacks.valid_inputs import CLASSES, Files

_WAYS: dict[str, Bytes] = {
    "csv": spoil_words,
    "gz": spoil_bytes,
    "tsv": spoil_words,
    "txt": spoil_words,
    "patch": either(spoil_values, spoil_words),
    "toml": spoil_words,
    "json": either(spoil_values, spoil_words),
    "jsonl": either(spoil_values, spoil_words),
    "parquet": either(spoil_bytes, strange_parquet),
    "arrow": either(spoil_bytes, strange_arrow),
    "feather": either(spoil_bytes, strange_arrow),
    "xlsx": either(spoil_bytes, spoil_member(spoil_words), spoil_member(spoil_words)),
    "zip": either(spoil_bytes, spoil_member(either(spoil_bytes, spoil_words))),
    "npz": either(spoil_bytes, spoil_member(spoil_bytes), spoil_member(spoil_npy)),
    "npy": either(spoil_bytes, spoil_npy),
    "png": either(spoil_bytes, spoil_png),
    "tar": either(spoil_bytes, spoil_tar),
    "bin": either(spoil_bytes, spoil_member(spoil_bytes), spoil_member(spoil_words)),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """One reader.

    Attributes:
        inputs: Its sound inputs by name.
        read: What is done in the folder that holds an input, with the project of texts that `prepared` made.
        spoilt: Which files of an input are spoilt: those of these endings; none where it may be any.
        share: How many cases it gets, of those that all readers share alike.
        loads: Modules that take long to load, which is not the inputs' fault.
    """

    inputs: Callable[[], dict[str, Files]]
    read: Callable[[Path, Path], None]
    spoilt: tuple[str, ...] = ()
    share: float = 1.0
    loads: tuple[str, ...] = ()


def spoil(random: Random, files: Files, endings: tuple[str, ...]) -> Files:
    """The files with one of them spoilt in a way that suits it."""
    names = [name for name in files if not endings or name.rpartition(".")[2] in endings]
    name = random.choice(names)
    way = _WAYS.get(name.rpartition(".")[2], spoil_bytes)
    try:
        made = (spoil_bytes if random.random() < 0.15 else way)(random, files[name])
    except Exception:  # a structure that was spoilt so far that it cannot be written again
        made = spoil_bytes(random, files[name])
    return {**files, name: made}


def prepared(folder: Path) -> None:
    """A project of the twelve texts, which patches, verdicts and predictions are for."""
    folder.mkdir()
    (folder / "data.csv").write_bytes(valid_inputs.tables()["csv"]["plain"]["data.csv"])
    Project.create(folder / "p", folder / "data.csv").close()


def _new(folder: Path, _project: Path, **how: str) -> None:
    """Import, look at every item, and export in the same format, which reads the source again."""
    files = sorted(folder.iterdir())
    data = files[0] if len(files) == 1 and not (files[0].is_dir()) else folder
    with Project.create(folder.parent / "made", data, **how) as project:
        for i in range(len(project.items)):
            project.items.key(i)
        finish(project.exporting(folder.parent / "out"))


def _new_sets(folder: Path, project: Path) -> None:
    _new(folder, project, task="multilabel")


def _image_options(folder: Path, project: Path) -> None:
    _new(folder, project, label="label")


def _bring(folder: Path, project: Path) -> None:
    with Project.open(project) as opened:
        opened.bring_predictions(next(folder.iterdir()))


def _apply(folder: Path, project: Path) -> None:
    with Project.open(project) as opened:
        apply_patch(opened, next(folder.iterdir()))


def _verdicts(folder: Path, project: Path) -> None:
    from badcase.ui.command_line.verdicts import read_verdicts

    with Project.open(project) as opened:
        read_verdicts(opened, next(folder.iterdir()))


def _recipe(folder: Path, _project: Path) -> None:
    from badcase.training.recipe import Recipe

    Recipe.load(next(folder.iterdir()))


def _predict(folder: Path, project: Path) -> None:
    import torch

    torch.set_num_threads(1)
    with Project.open(project) as opened:
        opened.predict(str(folder), device="cpu")


def _patches() -> dict[str, Files]:
    head = {"badcase_patch": 1, "classes": list(CLASSES)}
    lines = [
        {
            "fingerprint": fingerprint(valid_inputs.TEXTS[row].encode()),
            "key": f"t{row}",
            "given": "cat",
            "verdict": "relabel",
            "label": "dog",
            "who": "me",
        }
        for row in range(8)
    ]
    return {"plain": {"a.patch": "\n".join(json.dumps(one) for one in [head, *lines]).encode()}}


def _verdict_files() -> dict[str, Files]:
    rows = [[f"t{row}", ("relabel", "keep", "exclude")[row % 3], ("cat", "", "")[row % 3]] for row in range(8)]
    return {"plain": {"v.csv": valid_inputs.written_csv(("key", "verdict", "label"), rows)}}


def _recipes() -> dict[str, Files]:
    from badcase.training.recipe import Recipe

    return {"default": {"r.toml": Recipe().to_toml().encode()}}


def _of(name: str) -> Callable[[], dict[str, Files]]:
    return lambda: valid_inputs.tables()[name]


def _array(*names: str) -> Callable[[], dict[str, Files]]:
    return lambda: {name: files for name, files in valid_inputs.arrays().items() if name in names}


def _each_picture() -> dict[str, Files]:
    """For each picture a folder with it and seven that stay sound."""
    sound = {f"{CLASSES[at % 2]}/{at}.jpeg": valid_inputs.picture(90 + at, "JPEG") for at in range(7)}
    return {name: {**sound, name: raw} for name, raw in valid_inputs.pictures().items()}


_PICTURES = ("jpg", "png", "bmp", "gif", "webp", "tif", "jp2", "avif", "tga", "ico", "ppm", "pgm")
READERS: dict[str, Reader] = {
    "csv": Reader(_of("csv"), _new),
    "tsv": Reader(_of("tsv"), _new, share=0.5),
    "label sets": Reader(_of("label sets"), _new_sets),
    "fasttext": Reader(_of("fasttext"), _new, share=0.5),
    "jsonl": Reader(_of("jsonl"), _new),
    "json": Reader(_of("json"), _new, ("json", "jsonl"), share=2.0),
    "parquet": Reader(_of("parquet"), _new, share=2.0),
    "arrow": Reader(_of("arrow"), _new, share=2.0),
    "feather": Reader(_of("feather"), _new),
    "xlsx": Reader(_of("xlsx"), _new),
    "zip": Reader(_of("zip"), _new),
    "tar": Reader(_of("tar"), _new),
    "table of images": Reader(_of("table of images"), _image_options, ("csv",), share=0.5),
    "pictures": Reader(_each_picture, _new, _PICTURES, share=3.0),
    "hf": Reader(_of("hf"), _new),
    "predictions, numpy": Reader(_array("npy", "npz"), _bring),
    "predictions, tables": Reader(_array("csv", "parquet", "feather", "jsonl", "json"), _bring),
    "patch": Reader(_patches, _apply),
    "verdicts": Reader(_verdict_files, _verdicts, share=0.5),
    "recipe": Reader(_recipes, _recipe, share=0.5),
    "model": Reader(
        valid_inputs.small_model,
        _predict,
        share=0.3,
        loads=("transformers.models.bert.modeling_bert", "badcase.prediction.predict"),
    ),
}
