"""ProjectData: what the folder of a project holds, and what a person decided; no verb that needs a model or a ranking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from badcase.class_names import ClassNames
from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.items import Kind, SetAside
from badcase.items.kinds import UNLABELLED
from badcase.items.places import MovablePlace
from badcase.items.source import Source
from badcase.proposals.proposal_table import Proposals
from badcase.shown_tables import Columns, ShownTable
from badcase.store.changes import Area, Changes
from badcase.store.checks.damage import told
from badcase.store.checks.identity import REVISIONS, open_items, require_same_project, settle_items, sweep_items
from badcase.store.classes.class_view import ClassView
from badcase.store.classes.taxonomy import Taxonomy
from badcase.store.classes.told_columns import ToldColumns
from badcase.store.database import Store
from badcase.store.journal import Journal
from badcase.store.opening.lock import ProjectLock
from badcase.store.prediction_sets import PredictionSet, PredictionSets
from badcase.store.run_table import RunTable
from badcase.store.verdicts import ItemLabels, VerdictCode

ASKED = "asked_model"  # the setting that names a model which a person has asked for and which has not run yet
_TASKS = ("multiclass", "multilabel")


class ProjectData(ShownTable):
    """The nouns of a project; every room below `badcase.project` takes one of these.

    The arrays (given, labels, verdicts, split, gold) have a row for each item.

    Attributes:
        path: The folder.
        task: "multiclass", or "multilabel" where items may have any number of labels.
        notes: What the import has to say.
        items: What the project is about: `items.keys`, `items.text(i)`, `items.image(i)`.
        gold: (n,) bool, the items that runs are compared on, which are locked for all else.
        drawn_gold: (n,) bool, the same with those that are gone from the data: gold is drawn once.
        taxonomy: The classes.
        journal: Verdicts, and how they are taken back.
        predictions: What models said.
        runs: Trainings.
        proposals: Labels that machines propose, which nothing follows until a person takes them.
        source_place: Where the data came from lies.
    """

    source_place: MovablePlace

    def __init__(self, path: Path, store: Store) -> None:
        self.path, self._store = path, store
        self.task: str = store.setting("task", "multiclass")
        if self.task not in _TASKS:
            raise store.damage("settings", "task", expected=" | ".join(_TASKS), got=told(self.task))
        self.notes: list[str] = store.setting("notes", [])
        self.runs = RunTable(store, path / "runs")
        self._read_items()

    def _read_items(self) -> None:
        """Read all that has a row for each item, which an update of the data changes."""
        path, store = self.path, self._store
        self.items = open_items(path, store)
        require_same_project(store, self.items)
        store.require("gold", n=len(self.items))
        self.gold: npt.NDArray[np.bool_] = np.zeros(len(self.items), np.bool_)
        self.gold[[item for (item,) in store.rows("SELECT item FROM gold")]] = True
        self.drawn_gold = self.gold.copy()
        self.gold &= ~self.items.gone
        self.taxonomy = Taxonomy(store, self.task)
        columns = self.taxonomy.source.columns
        if columns and columns.get(str(self.kind)) is None:
            raise store.damage("settings", "source", expected=_("a column of the role {name}").format(name=self.kind))
        self.items.require_classes(self.taxonomy.stored_count)
        earlier: Journal | None = getattr(self, "journal", None)
        self.journal = Journal(store, self.items.given, self.taxonomy, self.gold, self.items.gone, self._sealed())
        self.journal.reviewer = "" if earlier is None else earlier.reviewer
        self.predictions = PredictionSets(store, path / "predictions", len(self.items), self.taxonomy)
        self.proposals = Proposals(store, len(self.items), self.taxonomy)
        self._checked_at = -1  # the revision of what checks of gold found
        self._by_check: tuple[ItemLabels, npt.NDArray[np.int8]] | None = None
        self._find_data()

    def _sealed(self) -> int:
        """The entry of the journal at which the data changed last; 0 where they never did."""
        revisions = self.data_revisions
        return int(revisions[-1]["journal"]) if revisions else 0

    @classmethod
    @contextmanager
    def attached(cls, path: Path) -> Iterator[ProjectData]:
        """For another process of the program that holds the project."""
        store = Store(path / "project.db", check=False)
        try:
            yield ProjectData(path, store)
        finally:
            store.close()

    def __repr__(self) -> str:
        closed = ", closed" if self._store.closed else ""
        n, k, counts = len(self.items), len(self.label_names), self.journal.counts()
        return f"<{type(self).__name__} {self.name!r}: {n} {self.kind}s, {k} classes, {counts.reviewed} reviewed{closed}>"

    def _columns(self, most: int | None) -> Columns:
        """Every item with its label and verdict now."""
        columns = dict(self.items._columns(most))
        n, classes = len(columns["key"]), self.classes
        names = {"given": self.given, "label": self.labels}
        columns |= {name: [classes[int(one)] if one >= 0 else None for one in ids[:n]] for name, ids in names.items()}
        columns["verdict"] = [VerdictCode(int(one)).name.lower() if one else None for one in self.verdicts[:n]]
        return columns

    # --- writing ------------------------------------------------------------------------------------------------

    @property
    def read_only(self) -> BadcaseError | None:
        """Why nothing can be written into the project, as it was opened; None where it can."""
        return self._store.read_only

    def require_writing(self) -> None:
        """BadcaseError where the project is only read: before work whose result could not be kept."""
        self._store.require_writing()

    @contextmanager
    def one_step(self) -> Iterator[None]:
        """What is recorded inside is recorded whole or not at all, whenever the program is ended."""
        with self._store.transaction():
            yield

    @contextmanager
    def caching(self) -> Iterator[bool]:
        """Whether what can be made again may be kept in the folder; where the project is only read, it is held meanwhile."""
        lock = None
        if self.read_only is not None:
            try:
                lock = ProjectLock(self.path)
            except BadcaseError:
                yield False
                return
        try:
            yield True
        finally:
            if lock is not None:
                lock.release()

    # --- facts --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def kind(self) -> Kind:
        return self.items.kind

    @property
    def source(self) -> Source:
        """Where the items came from and how it was read; what export needs to write it back."""
        source = self.taxonomy.source
        return replace(source, location=self.source_place.last(self.path))

    def _find_data(self) -> bool:
        """Read where the data lie, which `relocate` may have changed; whether it has."""
        self.taxonomy.read_source()
        known: dict[str, Any] = self._store.setting("places", {})
        before = getattr(self, "source_place", None), self.items.media_place
        if "media" in known:
            self.items.move_media(MovablePlace.from_plain(known["media"]))
        if "source" in known:
            self.source_place = MovablePlace.from_plain(known["source"])
        else:  # of a project made before both were kept
            beside = "" if self.items.are_inside else self.items.media_place.beside
            self.source_place = MovablePlace(self.taxonomy.source.location, beside)
        return before != (self.source_place, self.items.media_place)

    def move_data(self, source: MovablePlace, media: MovablePlace, name: str | None = None) -> Changes:
        """The data lie elsewhere now.

        Args:
            source: The folder or zip that was read, or the folder of the one table.
            media: Where the images lie.
            name: What the one table is called now.
        """
        with self._store.transaction():
            if name is not None:
                self.taxonomy.rename_part(name)
            self._store.set_settings([("places", {"source": source.plain(), "media": media.plain()})])
        self._find_data()
        return Changes(_("the data are found again"), frozenset({Area.SOURCE}))

    def note_data_revision(
        self, entry: Mapping[str, Any], settings: Mapping[str, Any], aside: Sequence[SetAside] | None = None
    ) -> None:
        """Note the next revision of the data, whose items are on the disk already.

        Args:
            entry: What `data_revisions` has of it, and the source and places of before.
            settings: What else is told by it: source, places.
            aside: What the source has that could not be taken; None where that stays.
        """
        earlier = [{name: one[name] for name in one if name not in ("source", "places")} for one in self.data_revisions]
        with self._store.transaction() as connection:
            self._store.set_settings([*settings.items(), (REVISIONS, [*earlier, dict(entry)])])
            if aside is not None:
                connection.execute("DELETE FROM set_aside")
                connection.executemany("INSERT INTO set_aside VALUES (?, ?, ?, ?, ?)", [bad.as_row() for bad in aside])

    def take_up_items(self) -> None:
        """Go by the items that the database is about, which an update has made."""
        settle_items(self.path, self._store)
        self._read_items()
        sweep_items(self.path, self.items.revision)

    @property
    def set_aside(self) -> list[SetAside]:
        """What the import could not take, with where, why and the remedy."""
        self._store.require("set_aside")
        rows = self._store.rows("SELECT row, key, place, what, remedy FROM set_aside ORDER BY row")
        return [SetAside(*row) for row in rows]

    def setting(self, name: str, default: Any = None) -> Any:
        return self._store.setting(name, default)

    def set_setting(self, name: str, value: Any) -> Changes:
        self._store.set_settings([(name, value)])
        return Changes(name, frozenset({Area.SETTINGS}))

    @property
    def model_spec(self) -> dict[str, Any] | None:
        """How to load the model in use; None before the first prediction."""
        spec: dict[str, Any] | None = self._store.setting("model_spec")
        return spec

    # --- a row for each item --------------------------------------------------------------------------------------

    @property
    def split(self) -> npt.NDArray[np.int8]:
        return self.items.split

    @property
    def given(self) -> ItemLabels:
        """(n,) class ids as the data set said, told under the classes now; -1 where it gave no label; of an item that was judged,
        as it said then."""
        return self.journal.given

    @property
    def labels(self) -> ItemLabels:
        """(n,) class ids that hold now: the given labels with all standing corrections; -1 where there is none."""
        return self.journal.labels

    @property
    def gone(self) -> npt.NDArray[np.bool_]:
        """(n,) the items that the data have no more: they have no label, their verdicts wait, and they take part in nothing."""
        return self.items.gone

    @property
    def items_now(self) -> int:
        """How many items the data have: `len(items)` counts those that are gone too."""
        return len(self.items) - int(np.count_nonzero(self.gone))

    @property
    def data_revisions(self) -> list[dict[str, Any]]:
        """Of each update of the data when it was, by whom, what it counted, how many items there were before; oldest first."""
        revisions: list[dict[str, Any]] = self._store.setting(REVISIONS, [])
        return revisions

    @property
    def first_labels(self) -> ItemLabels:
        """(n,) the label that each item had first: the given one, where it came with none the one that holds now."""
        return np.where(self.given == UNLABELLED, self.labels, self.given)

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """(n,) the items that have a label now, given or by a verdict; the others are learnt from and measured by nothing."""
        return self.labels != UNLABELLED

    @property
    def verdicts(self) -> npt.NDArray[np.int8]:
        """(n,) the standing verdict of each item, a VerdictCode; 0 where nobody has judged it."""
        return self.journal.replay.verdicts

    @property
    def checked_labels(self) -> ItemLabels:
        """(n,) the labels that hold now, those of gold as they were checked; for comparisons and exports, never to learn from."""
        return self._checked()[0]

    @property
    def checked_verdicts(self) -> npt.NDArray[np.int8]:
        """(n,) the standing verdicts, those of gold by its check; an exclude is an item that none of the classes fits."""
        return self._checked()[1]

    def _checked(self) -> tuple[ItemLabels, npt.NDArray[np.int8]]:
        if self._checked_at != self.revision:
            checks = self.journal.replay.gold_checks()
            items, self._checked_at, self._by_check = checks["item"], self.revision, None
            if len(items):
                labels, verdicts = self.labels.copy(), self.verdicts.copy()
                found = self.taxonomy.view.told(checks["label"])
                labels[items] = np.where(checks["verdict"] == VerdictCode.RELABEL, found, self.given[items])
                verdicts[items] = checks["verdict"]
                self._by_check = labels, verdicts
        return self._by_check or (self.labels, self.verdicts)

    @property
    def revision(self) -> int:
        """The point of the journal that `labels` and `verdicts` stand at."""
        return self.journal.replay.revision

    # --- classes ------------------------------------------------------------------------------------------------

    @property
    def classes(self) -> ClassNames:
        """The names of all classes by id; in a multi-label project one for each set of labels that occurs."""
        return self.taxonomy.classes

    @property
    def label_names(self) -> tuple[str, ...]:
        """What a model answers with: the classes; where an item may have any number of labels, these."""
        return self.taxonomy.label_names

    @property
    def output_shape(self) -> tuple[int, int]:
        """Of what a model says of all items: a row for each, a column for each of `label_names`."""
        return len(self.items), len(self.label_names)

    def told_outputs(self, revision: int) -> ToldColumns | None:
        """The way from what a model says that was made at an earlier revision to `label_names`; None where nothing is other."""
        return self.taxonomy.told_columns(self.journal.view_at(revision).state.order)

    def classes_of_model(self, made: PredictionSet) -> ClassView:
        """The classes that the model of a prediction set was made for."""
        runs = {run.id: run.revision for run in self.runs.all()}
        return self.journal.view_at(runs.get(made.meta.get("run", 0), made.meta.get("revision", 0)))

    def has_classes_of(self, revision: int) -> bool:
        """Whether the classes are those of an earlier revision, whatever they are called now."""
        return self.journal.view_at(revision).mark == self.taxonomy.view.mark

    def require_one_label(self, what: str) -> None:
        """BadcaseError where items may have any number of labels, which `what` cannot do."""
        if self.task == "multilabel":
            raise BadcaseError(
                _("{what} works only on projects with one label per item").format(what=what),
                where=str(self.path),
                expected="multiclass",
                got=self.task,
                hint=_(
                    "With several labels per item, these work: predict, rank, review, train, compare, accept, and export as "
                    "same, csv, jsonl, parquet or patch."
                ),
            )
