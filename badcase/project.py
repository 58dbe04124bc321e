"""Project, the one door: what the window and the command line hold, and nothing deeper."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing import TASKS, import_items
from badcase.items import Items, Kind, SetAside
from badcase.items.label_sets import set_matrix, set_name
from badcase.items.source import Source
from badcase.progress import Job, finish
from badcase.store.atomic_files import write_folder_whole
from badcase.store.changes import Area, Changes
from badcase.store.classes import add_label_sets, canonical, find_class, stored_classes
from badcase.store.database import Store
from badcase.store.journal import ItemLabels, Verdict
from badcase.store.lock import ProjectLock
from badcase.store.prediction_sets import PredictionSet, PredictionShelf
from badcase.store.run_table import RunList, RunRow
from badcase.store.verdict_log import HistoryEntry, ReviewCounts, ReviewerVerdict, VerdictLog

if TYPE_CHECKING:
    from badcase.groups.of_project import Group, GroupKind
    from badcase.prediction.predict import ModelSource
    from badcase.ranking.any_ranking import AnyRanking
    from badcase.ranking.ranking import Ranking
    from badcase.reviewers.of_project import Reviewers


class Project:
    """A data set under review: its items, verdicts, prediction sets and runs, in one folder.

    Only one program holds a project at a time; `attached=True` is for the worker process of the program that does.
    """

    def __init__(self, path: Path, store: Store, lock: ProjectLock | None) -> None:
        self.path, self._store, self._lock = path, store, lock
        self.task: str = store.setting("task", "multiclass")
        self.source = Source.of(store.setting("source", {}))
        self.notes: list[str] = store.setting("notes", [])
        self.classes: tuple[str, ...] = stored_classes(store)
        self.items = Items.open(path)
        self.gold: npt.NDArray[np.bool_] = np.zeros(len(self.items), np.bool_)
        self.gold[[item for (item,) in store.rows("SELECT item FROM gold")]] = True
        self._review = VerdictLog(store, self.items.given, self.classes)
        self._shelf = PredictionShelf(store, path / "predictions")
        self._runs = RunList(store, path / "runs")
        self._ranking: AnyRanking | None = None
        self._sets = np.empty((0, 0), np.bool_)  # which labels each class has, of a multi-label project
        if lock is not None:
            self._runs.mark_abandoned()

    # --- the door -----------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: str | Path, data: str | Path, **columns: Any) -> Project:
        """Make a project from data in place and open it; see `creating` for the arguments."""
        return finish(cls.creating(path, data, **columns))

    @classmethod
    def creating(
        cls, path: str | Path, data: str | Path, *, task: str = "multiclass", seed: int = 0, **columns: str | None
    ) -> Job[Project]:
        """Import data into a new project folder, which appears whole or not at all.

        task: "multilabel" where an item may have any number of labels; each distinct set of them is a class then.
        columns: text, image, label, split, key, group, time name columns of a table; what is not named is found.
        """
        path = Path(path).absolute()
        if path.exists():
            raise BadcaseError(
                _("there is something at this path already"),
                where=str(path),
                hint=_("Choose another name, or open it with `badcase open`."),
            )
        if task not in TASKS:
            raise BadcaseError(_("there is no such task"), where="task", expected=" | ".join(TASKS), got=task)
        with write_folder_whole(path) as folder:
            imported = yield from import_items(data, folder, seed=seed, task=task, **columns)
            store = Store(folder / "project.db")
            with store.transaction() as connection:
                connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate(imported.classes))
                connection.executemany(
                    "INSERT INTO set_aside VALUES (?, ?, ?, ?, ?)",
                    [(bad.row, bad.key, bad.where, bad.what, bad.remedy) for bad in imported.set_aside],
                )
                connection.executemany("INSERT INTO gold VALUES (?)", [(int(i),) for i in np.flatnonzero(imported.gold)])
            store.set_settings([("task", task), ("source", imported.source.plain()), ("notes", imported.notes), ("seed", seed)])
            store.close()
        return cls.open(path)

    @classmethod
    def open(cls, path: str | Path, *, attached: bool = False) -> Project:
        """Open a project; a clear error where it is none, is newer than this program, or is in use."""
        path = Path(path).absolute()
        if not (path / "project.db").is_file():
            raise BadcaseError(
                _("this is not a badcase project"),
                where=str(path),
                expected=_("a folder with project.db"),
                hint=_("Make one from data with `badcase new PROJECT --data PATH`."),
            )
        lock = None if attached else ProjectLock(path)
        try:
            store = Store(path / "project.db")
            try:
                return cls(path, store, lock)
            except BaseException:
                store.close()
                raise
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def close(self) -> None:
        self._store.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def reload(self, *, stopped: bool = False) -> Changes:
        """Take notice of what a job of the worker wrote, now that it is over: prediction sets, ranking and runs.

        A run that the worker could not conclude, because it was ended, is closed here; stopped: a person ended it.
        """
        self._ranking = None
        if self._lock is not None:
            self._runs.mark_abandoned(stopped=stopped)
        return Changes(_("updated"), frozenset({Area.PREDICTIONS, Area.RANKING, Area.RUNS, Area.SETTINGS}))

    # --- facts --------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def kind(self) -> Kind:
        return self.items.kind

    @property
    def split(self) -> npt.NDArray[np.int8]:
        return self.items.split

    @property
    def set_aside(self) -> list[SetAside]:
        rows = self._store.rows("SELECT row, key, place, what, remedy FROM set_aside ORDER BY row")
        return [SetAside(*row) for row in rows]

    def setting(self, name: str, default: Any = None) -> Any:
        return self._store.setting(name, default)

    def set_setting(self, name: str, value: Any) -> Changes:
        self._store.set_settings([(name, value)])
        return Changes(name, frozenset({Area.SETTINGS}))

    # --- labels and verdicts ------------------------------------------------------------------------------------

    @property
    def given(self) -> ItemLabels:
        return self.items.given

    @property
    def labels(self) -> ItemLabels:
        """(n,) class ids that hold now: the given labels with all standing corrections."""
        return self._review.replay.labels

    @property
    def verdicts(self) -> npt.NDArray[np.int8]:
        """(n,) the standing verdict of each item, a VerdictCode; 0 where nobody has judged it."""
        return self._review.replay.verdicts

    @property
    def revision(self) -> int:
        return self._review.replay.revision

    @property
    def label_names(self) -> tuple[str, ...]:
        """What a model answers with: the classes; where an item may have any number of labels, these."""
        several = self.source.several
        return several.names if several is not None else self.classes

    @property
    def label_column(self) -> str | None:
        """The column of the source that the labels come from; None where folders or file names say them."""
        return self.source.columns["label"]

    def label_matrix(self, labels: ItemLabels) -> npt.NDArray[np.bool_]:
        """(n, k): which of `label_names` each class of a multi-label project has, for classes (n,)."""
        if len(self._sets) != len(self.classes):
            self._sets = set_matrix(self.label_names, self.classes)
        return self._sets[labels]

    def answers(self, labels: ItemLabels) -> npt.NDArray[Any]:
        """What a model should say of items of these classes (m,): the same as int64, or their label matrix (m, k)."""
        return self.label_matrix(labels) if self.task == "multilabel" else labels.astype(np.int64)

    def class_of(self, name: str) -> int:
        """The id of a class by its name; of a set of labels written "cat;dog", which is a new class if nobody had it.

        BadcaseError with the nearest names where there is none.
        """
        if self.task == "multilabel":
            name = canonical(self.label_names, name)
            self._intern([name])
        return find_class(self.classes, name)

    def classes_of(self, sets: npt.NDArray[np.bool_]) -> ItemLabels:
        """The class (m,) of each row of a label matrix (m, k) of a multi-label project; new ones as in `class_of`."""
        distinct, place = np.unique(sets, axis=0, return_inverse=True)
        names = [set_name(np.array(self.label_names, object)[one]) for one in distinct]
        self._intern(names)
        ids = {name: number for number, name in enumerate(self.classes)}
        return np.array([ids[name] for name in names], self.given.dtype)[place.reshape(-1)]

    def _intern(self, sets: list[str]) -> None:
        added, self.source = add_label_sets(self._store, self.source, self.classes, sets)
        self.classes += added
        self._review.classes = self.classes

    def require_one_label(self, what: str) -> None:
        """BadcaseError where items may have any number of labels, which `what` cannot do."""
        if self.task == "multilabel":
            raise BadcaseError(
                _("{what} takes projects with one label an item").format(what=what),
                where=str(self.path),
                expected="multiclass",
                got=self.task,
                hint=_(
                    "With several labels an item: predict, rank, review, train, compare, accept, and export as same, csv, "
                    "jsonl, parquet or patch."
                ),
            )

    def labels_at(self, revision: int) -> tuple[ItemLabels, npt.NDArray[np.int8]]:
        replay = self._review.at(revision)
        return replay.labels, replay.verdicts

    def record(
        self,
        items: Sequence[int],
        verdict: Verdict | str | Sequence[Verdict],
        label: int | Sequence[int] | None = None,
        *,
        who: str | None = None,
        shown: dict[str, Any] | None = None,
    ) -> Changes:
        """Judge items as one batch, durable when this returns; see `VerdictLog.record`."""
        return self._review.record(items, verdict, label, who=who, shown=shown)

    def undo(self) -> Changes | None:
        return self._review.undo()

    def redo(self) -> Changes | None:
        return self._review.redo()

    @property
    def undo_title(self) -> str | None:
        done = self._review.replay.done
        return self._review.batch_title(done[-1]) if done else None

    @property
    def redo_title(self) -> str | None:
        undone = self._review.replay.undone
        return self._review.batch_title(undone[-1]) if undone else None

    def history(self, item: int) -> list[HistoryEntry]:
        return self._review.history(item)

    def counts(self) -> ReviewCounts:
        return self._review.counts()

    def by_reviewer(self) -> list[ReviewerVerdict]:
        """What each reviewer says of each item that they have judged; see `VerdictLog.by_reviewer`."""
        return self._review.by_reviewer()

    def reviewers(self) -> Reviewers:
        """Who has reviewed, how far they agree, how good each is, and the consensus."""
        from badcase.reviewers.of_project import reviewers_of

        return reviewers_of(self)

    def accept_consensus(self) -> Changes:
        """Record the consensus as verdicts where it is not what stands; see `project_reviewers.accept_consensus`."""
        from badcase.reviewers.of_project import accept_consensus

        return accept_consensus(self)

    # --- prediction sets and the ranking ------------------------------------------------------------------------

    @property
    def predictions(self) -> PredictionSet | None:
        return self._shelf.current()

    def prediction_sets(self) -> list[PredictionSet]:
        return self._shelf.all()

    def add_prediction_set(self, made: Path, meta: dict[str, Any], *, make_current: bool = True) -> PredictionSet:
        """Take over a finished folder with logits.npy, embeddings.npy and trained_on.npy."""
        self._ranking = None
        return self._shelf.add(made, meta, make_current=make_current)

    def predict(self, model: ModelSource | None = None, **options: Any) -> Job[PredictionSet]:
        """Run a model over all items; without one, the current model, else a packaged backbone.

        options: weights, batch_size, device, trust_remote_code, as in `badcase.prediction.predict.predict`.
        """
        from badcase.prediction.predict import predict  # torch: not in the window's process

        return predict(self, model, **options)

    def rank(self) -> AnyRanking:
        """The queue for the labels that hold now, computed from the current prediction set and saved beside it."""
        return finish(self.ranking_anew())

    def ranking_anew(self) -> Job[AnyRanking]:
        """`rank` as a job, which can be stopped within a second."""
        from badcase.ranking.saved_ranking import ranking_project

        self._ranking = yield from ranking_project(self)
        return self._ranking

    @property
    def any_ranking(self) -> AnyRanking | None:
        """The queue as it was last computed, in milliseconds; None before the first, or where it cannot be read any more."""
        if self._ranking is None:
            self._ranking = self.newest_ranking()
        return self._ranking

    @property
    def ranking(self) -> Ranking | None:
        """The same where an item has one label; None where it may have any number."""
        from badcase.ranking.ranking import Ranking

        ranking = self.any_ranking
        return ranking if isinstance(ranking, Ranking) else None

    def groups(self, kind: GroupKind | str) -> list[Group]:
        """Bad cases that belong together, those first that promise most; the kinds are those of `GroupKind`."""
        self.require_one_label(_("Grouping"))
        from badcase.groups.of_project import groups_from, snapshot_of

        return groups_from(snapshot_of(self), kind)

    def newest_ranking(self) -> AnyRanking | None:
        """The queue that was saved last, though another may be in use."""
        from badcase.ranking.saved_ranking import saved_ranking

        return saved_ranking(self)

    def use_ranking(self, ranking: AnyRanking) -> Changes:
        """Go by a ranking that a job of the worker made."""
        self._ranking = ranking
        return Changes(_("ranked anew"), frozenset({Area.RANKING}))

    @property
    def verdicts_ranked(self) -> int:
        """How many verdicts the newest ranking has learnt from."""
        from badcase.ranking.saved_ranking import verdicts_ranked

        return verdicts_ranked(self)

    # --- runs ---------------------------------------------------------------------------------------------------

    def runs(self) -> list[RunRow]:
        return self._runs.all()

    def run(self, number: int) -> RunRow:
        return self._runs.get(number)

    def add_run(self, **values: Any) -> int:
        return self._runs.add(**values)

    def update_run(self, number: int, **values: Any) -> None:
        self._runs.update(number, **values)

    @property
    def current_run(self) -> RunRow | None:
        """The run whose model is in use, or None before the first prediction."""
        number = self._store.setting("current_run")
        return None if number is None else self._runs.get(number)

    def set_current_run(self, number: int) -> None:
        self._runs.get(number)
        self._store.set_settings([("current_run", number)])

    @property
    def model_spec(self) -> dict[str, Any] | None:
        """How to load the model in use; None before the first prediction."""
        spec: dict[str, Any] | None = self._store.setting("model_spec")
        return spec

    def set_model_spec(self, spec: dict[str, Any]) -> None:
        self._store.set_settings([("model_spec", spec)])
