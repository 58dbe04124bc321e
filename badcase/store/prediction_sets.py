"""Prediction sets: logits and embeddings of all items under one model, memory-mapped from predictions/<id>/."""

from __future__ import annotations

import json
import secrets
import shutil
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.out_of_memory import is_out_of_memory
from badcase.shown_tables import Columns, ShownTable
from badcase.store.atomic_files import move_whole, sync_whole
from badcase.store.checks.stored_arrays import stored_array
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.classes.told_columns import ToldColumns
from badcase.store.database import Store, is_number
from badcase.store.mapped_pages import let_go
from badcase.store.own_folders import own_folder
from badcase.store.thresholds import LogitThresholds

_META: dict[str, Any] = {
    "n?": int,
    "k?": int,
    "d?": int,
    "identity?": str,
    "name?": (str, None),
    "kind?": str,
    "model?": (dict, None),
    "embedding_id?": (str, None),
    "revision?": int,
    "accuracy?": (float, None),
    "temperature?": lambda value: isinstance(value, float) and 0 < value < np.inf,
    "device?": str,
    "unread?": int,
    "tokens_read?": (int, None),
    "run?": int,
    "classes?": [is_number],
}

OURS = ("packaged", "chargrams", "linear_head")  # kinds of models that begin with no knowledge of the project's labels
PARTIAL = ".partial-"  # how the folder of a prediction begins that is not finished
_OVER = "over-with-"  # the file in it that says with which prediction set it is of no more use
_SCATTERED = 1_000  # rows, each of which may bring a page of the file into memory


class _Expected(TypedDict, total=False):
    kind: str
    shape: tuple[int | None, ...]
    below: int | None


class PredictionSet:
    """One model's outputs. Row i belongs to item i; arrays stay on the disk until they are read.

    A model that was made under other classes is told under those that there are now.
    """

    def __init__(
        self,
        number: int,
        folder: Path,
        meta: dict[str, Any],
        shape: tuple[int, int] | None = None,
        told: ToldColumns | None = None,
    ) -> None:
        """The set of a number.

        Args:
            number: Of the set.
            folder: Where its arrays lie.
            meta: What is noted of it.
            shape: (n, k) of the model's outputs.
            told: The way from these to the classes now; None where they are the same.
        """
        self.id, self.folder, self.meta, self._shape, self._told = number, folder, meta, shape, told

    def __repr__(self) -> str:
        n, k = self.logits.shape
        name = self.meta.get("name")
        return f"<PredictionSet {self.id}: {n} items, {k} classes{f', {name}' if name else ''}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process reads the arrays from the disk."""
        return PredictionSet, (self.id, self.folder, self.meta, self._shape, self._told)

    @cached_property
    def logits(self) -> npt.NDArray[np.float16]:
        """(n, k), in the order of the project's classes."""
        values = self._array("logits")
        return values if self._told is None else self._told.logits(values, self._cuts)

    @property
    def untrained(self) -> tuple[int, ...]:
        """The places in `label_names` of what the model was never taught, as it was added or split off since."""
        return () if self._told is None else self._told.untrained

    @cached_property
    def embeddings(self) -> npt.NDArray[np.float16]:
        """(n, d), the input of the model's last linear layer; BadcaseError where there are none (`has_embeddings`)."""
        if not self.has_embeddings:
            raise BadcaseError(
                _("these predictions came from a file, without features"),
                where=_("prediction set {n}").format(n=self.id),
                expected=_("features of all items"),
                hint=_("Bring them too (badcase predict PROJECT --from PROBS --features FILE), or predict with a model."),
            )
        return self._array("embeddings")

    def directions(self, items: npt.NDArray[np.integer]) -> npt.NDArray[np.float32]:
        """(items, d) the embeddings of some items, of length 1; the file that they lie scattered in stays on the disk."""
        values = np.asarray(self.embeddings[items], np.float32)
        if len(items) > _SCATTERED:
            let_go(self.embeddings)
        unit: npt.NDArray[np.float32] = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
        return unit

    @property
    def n(self) -> int:
        """How many items it covers, the first ones; those that came later have no prediction in it."""
        assert self._shape is not None
        return self._shape[0]

    @property
    def has_embeddings(self) -> bool:
        """Whether there are embeddings: predictions that were made elsewhere may come without."""
        return self.meta.get("d") != 0

    @property
    def has_model(self) -> bool:
        """Whether the model that made it is known: predictions that were made elsewhere come without one."""
        return self.meta.get("model", {}) is not None

    @cached_property
    def trained_on(self) -> npt.NDArray[np.bool_]:
        """(n,), whether the model had seen the item's label in training."""
        return self._array("trained_on")

    @property
    def tokens_read(self) -> int | None:
        """How many tokens of a text the model reads; None where no text is longer."""
        read: int | None = self.meta.get("tokens_read")
        return read

    @cached_property
    def cut(self) -> npt.NDArray[np.bool_] | None:
        """(n,) the texts of which the model has read the beginning alone; None where there are none."""
        return self._array("cut") if self.tokens_read and (self.folder / "cut.npy").exists() else None

    @cached_property
    def neighbours(self) -> npt.NDArray[np.int32] | None:
        """(n, m) item ids by falling cosine similarity, or None where they were not computed."""
        return self._array("neighbours") if (self.folder / "neighbours.npy").exists() else None

    @cached_property
    def logit_thresholds(self) -> LogitThresholds:
        """(k,) the logit above which each label is answered, where an item may have any number of them."""
        cuts = self._cuts
        if self._told is not None:
            cuts = self._told.thresholds(self._array("cuts")) if cuts is not None else None
        return np.zeros(self.logits.shape[1]) if cuts is None else cuts

    @property
    def _cuts(self) -> LogitThresholds | None:
        return self._array("cuts") if (self.folder / "cuts.npy").exists() else None

    def check(self) -> None:
        """Look at every number of every array, of a large one too; BadcaseError at the first that is damaged."""
        for name in ("logits", "embeddings", "trained_on", "neighbours", "cuts", "cut"):
            needed = name in ("logits", "trained_on") or (name == "embeddings" and self.has_embeddings)
            if needed or (self.folder / f"{name}.npy").exists():
                self._array(name, whole=True)

    def _array(self, name: str, *, whole: bool = False) -> Any:
        path = self.folder / f"{name}.npy"
        try:
            self._require_own()
            return stored_array(path, **self._expected(name), whole=whole)
        except (OSError, EOFError, ValueError) as error:
            if is_out_of_memory(error):
                raise
            raise BadcaseError(
                _("a file of the prediction set cannot be read"),
                where=str(path),
                got=str(error),
                hint=_("Run the prediction again; verdicts and labels are not affected."),
            ) from error

    def _require_own(self) -> None:
        """ValueError where the folder holds the arrays of another set than the database means; old ones carry no mark."""
        if (noted := self.meta.get("identity")) is not None and noted != _mark_in(self.folder):
            raise ValueError(_("the arrays of another prediction set"))

    def _expected(self, name: str) -> _Expected:
        """The kind and shape of an array, None for what any length is right for."""
        n, k = self._shape or (None, None)
        expected: dict[str, _Expected] = {
            "logits": {"kind": "f", "shape": (n, k)},
            "embeddings": {"kind": "f", "shape": (n, self.meta.get("d"))},
            "trained_on": {"kind": "b", "shape": (n,)},
            "neighbours": {"kind": "i", "shape": (n, None), "below": n},
            "cuts": {"kind": "f", "shape": (k,)},
            "cut": {"kind": "b", "shape": (n,)},
        }
        return expected[name]

    def probabilities(self, rows: Any = slice(None)) -> npt.NDArray[np.float32]:
        """Softmax of the logits of some rows: (rows, k), summing to 1. Not out-of-sample where `trained_on`."""
        return _softmax(np.asarray(self.logits[rows], np.float32))

    def confidences(self, rows: Any = slice(None)) -> npt.NDArray[np.float32]:
        """The same as a person reads it: at the temperature that was fitted with the model, 1 where none was."""
        return _softmax(np.asarray(self.logits[rows], np.float32) / self.meta.get("temperature", 1.0))

    def label_probabilities(self, rows: Any = slice(None)) -> npt.NDArray[np.float32]:
        """The same where an item may have any number of labels: sigmoids (rows, k), independent of each other."""
        logits = np.clip(np.asarray(self.logits[rows], np.float32), -60, 60)
        return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def _softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)


def _mark_in(folder: Path) -> object:
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return meta.get("identity") if isinstance(meta, dict) else None


class PredictionSets(ShownTable):
    """The prediction sets of one project, oldest first."""

    def __init__(self, store: Store, folder: Path, n: int, taxonomy: Taxonomy) -> None:
        self._store, self._folder, self._n, self._taxonomy = store, folder, n, taxonomy
        self._known: dict[tuple[int, str], PredictionSet] = {}  # by number, and by the classes that they are told under
        self.added = 0  # how many this program has added: what was computed from the current one is void then

    def __repr__(self) -> str:
        if self._store.closed:
            return "<PredictionSets of a closed project>"
        current = self.current
        return f"<PredictionSets: {len(self.all())}, {f'{current.id} in use' if current else 'none in use'}>"

    def _columns(self, most: int | None) -> Columns:
        self._store.require("prediction_sets")
        rows = self._store.rows("SELECT id, made, meta FROM prediction_sets ORDER BY id")[:most]
        current = self._store.setting("current_predictions")
        return {
            "id": [number for number, _made, _meta in rows],
            "made": [made for _number, made, _meta in rows],
            "name": [self._meta(number, meta).get("name") for number, _made, meta in rows],
            "current": [number == current for number, _made, _meta in rows],
        }

    def all(self) -> list[PredictionSet]:
        self._store.require("prediction_sets")
        rows = self._store.rows("SELECT id, folder, meta FROM prediction_sets ORDER BY id")
        return [self._one(*row) for row in rows]

    def get(self, number: int) -> PredictionSet:
        """The one with a number that is in the list."""
        return self._one(*self._store.rows("SELECT id, folder, meta FROM prediction_sets WHERE id = ?", (number,))[0])

    def _one(self, number: int, folder: str, meta: str) -> PredictionSet:
        key = number, self._taxonomy.view.mark
        if key not in self._known:
            said, place = self._meta(number, meta), own_folder(self._folder, folder)
            outputs = said.get("classes")
            k = len(self._taxonomy.imported_labels if outputs is None else outputs)
            told = self._taxonomy.told_columns(outputs)
            self._known = {at: one for at, one in self._known.items() if at[1] == key[1]}  # what others were told as may be large
            self._known[key] = PredictionSet(number, place, said, (said.get("n", self._n), k), told)
        return self._known[key]

    def _meta(self, number: int, meta: Any) -> dict[str, Any]:
        kept: dict[str, Any] = self._store.plain("prediction_sets", _("prediction set {n}").format(n=number), meta, _META)
        return kept

    @property
    def current(self) -> PredictionSet | None:
        """The one that is in use; None before the first prediction, and until items that are new have one too."""
        number = self._store.setting("current_predictions")
        self._store.require("prediction_sets")
        rows = self._store.rows("SELECT id, folder, meta FROM prediction_sets WHERE id = ?", (number,))
        return None if not rows or (used := self._one(*rows[0])).n < self._n else used

    def void_unfinished(self, number: int) -> None:
        """Note that no unfinished prediction is of use once the set of this number is in the list; `sweep` removes them then."""
        for partial in self._folder.glob(f"{PARTIAL}*"):
            if partial.is_dir() and not partial.is_symlink():
                (partial / f"{_OVER}{number}").touch()

    def sweep(self) -> None:
        """Remove the unfinished predictions that are of no more use."""
        known = {str(number) for (number,) in self._store.rows("SELECT id FROM prediction_sets")}
        for over in list(self._folder.glob(f"{PARTIAL}*/{_OVER}*")):
            if over.name.removeprefix(_OVER) in known:
                shutil.rmtree(over.parent, ignore_errors=True)

    @property
    def first_model(self) -> PredictionSet | None:
        """The oldest one whose model is known; None where there is none."""
        return next((made for made in self.all() if made.has_model), None)

    @property
    def features_are_untaught(self) -> bool:
        """Whether the features in use come from a network that has learnt no label of the project: a head at most was trained."""
        first, used = self.first_model, self.current
        same = first is not None and used is not None and first.meta.get("embedding_id") == used.meta.get("embedding_id")
        return same and first is not None and first.meta.get("kind") in OURS

    @property
    def first_model_spec(self) -> dict[str, Any]:
        """How to load the model that the project began with; empty where no prediction set has a model."""
        first = self.first_model
        return dict((first and first.meta.get("model")) or {})

    def add(self, made: Path, meta: dict[str, Any], *, make_current: bool = True) -> PredictionSet:
        """Take over a finished folder of arrays and register it, in one transaction; both get a mark that tells them as one.

        meta: "classes" are the stored labels of its columns, where these are not those that there are now.
        """
        meta = {"n": self._n, "classes": list(self._taxonomy.view.state.order)} | meta | {"identity": secrets.token_hex(16)}
        (made / "meta.json").write_text(json.dumps(meta, ensure_ascii=False, indent=1), encoding="utf-8")
        sync_whole(made)  # before the transaction, in which others would wait for the disk
        with self._store.transaction() as connection:
            number: int = connection.execute("SELECT COALESCE(MAX(id), 0) + 1 FROM prediction_sets").fetchone()[0]
            folder = own_folder(self._folder, number)
            if folder.exists():  # left by a program that was killed between the rename and the commit
                shutil.rmtree(folder)
            folder.parent.mkdir(exist_ok=True)
            move_whole(made, folder)
            now = datetime.now(UTC).isoformat(timespec="seconds")
            connection.execute(
                "INSERT INTO prediction_sets VALUES (?, ?, ?, ?)",
                (number, folder.name, now, json.dumps(meta, ensure_ascii=False)),
            )
            if make_current:
                connection.execute("INSERT OR REPLACE INTO settings VALUES ('current_predictions', ?)", (str(number),))
        self.added += 1
        return self._one(number, folder.name, json.dumps(meta))
