"""Project, the one door: what the window and the command line hold, and nothing deeper."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing import TASKS, import_items
from badcase.progress import Job, finish
from badcase.store.atomic_files import write_folder_whole
from badcase.store.changes import Area, Changes
from badcase.store.database import Store
from badcase.store.lock import ProjectLock
from badcase.store.prediction_sets import PredictionSet
from badcase.store.project_data import ProjectData

if TYPE_CHECKING:
    from badcase.groups.of_project import Group, GroupKind
    from badcase.importing.arrays.array_source import ArraySource
    from badcase.prediction.predict import ModelSource
    from badcase.ranking.any_ranking import AnyRanking
    from badcase.ranking.ranking import Ranking
    from badcase.reviewers.of_project import Reviewers


class Project(ProjectData):
    """A data set under review, in one folder: what it holds (`ProjectData`), and the verbs.

    Open one with `open`, make one with `create`; it is a context manager that closes itself. Only one program holds a
    project at a time; `attached=True` is for the worker process of the program that does.
    """

    def __init__(self, path: Path, store: Store, lock: ProjectLock | None) -> None:
        super().__init__(path, store)
        self._lock = lock
        self._ranking: AnyRanking | None = None
        self._ranked = 0  # how many prediction sets had been added when it was computed
        if lock is not None:
            self.runs.mark_abandoned()

    # --- the door -----------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: str | Path, data: str | Path, **how: Any) -> Project:
        """Make a project from data in place and open it.

        Args:
            path: The folder to make.
            data: A folder, a table, or a zip of either.
            how: As for `creating`.

        Raises:
            BadcaseError: Where there is something at the path already, or the data have no single reading.
        """
        return finish(cls.creating(path, data, **how))

    @classmethod
    def creating(cls, path: str | Path, data: str | Path, *, task: str = "multiclass", seed: int = 0, **how: Any) -> Job[Project]:
        """Import data into a new project folder, which appears whole or not at all: `create` as a job.

        Args:
            path: The folder to make.
            data: A folder, a table, or a zip of either.
            task: "multilabel" where an item may have any number of labels; each distinct set of them is a class then.
            seed: Decides the splits that are made.
            how: text, image, label, split, key, group, time name columns of a table, what is not named is found; encoding,
                header, missing, images and join_spellings say how it is to be read, as `ReadOptions` tells.
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
            imported = yield from import_items(data, folder, seed=seed, task=task, **how)
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
        """Open a project.

        Args:
            path: Its folder.
            attached: For the worker process of the program that holds it.

        Raises:
            BadcaseError: Where it is none, is newer than this program, or is in use.
        """
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
            self.runs.mark_abandoned(stopped=stopped)
        return Changes(_("updated"), frozenset({Area.PREDICTIONS, Area.RANKING, Area.RUNS, Area.SETTINGS}))

    # --- verbs -----------------------------------------------------------------------------------------------------

    def predict(self, model: ModelSource | None = None, **options: Any) -> Job[PredictionSet]:
        """Run a model over all items, as a job; `badcase.progress.finish` runs one to its end.

        Args:
            model: A folder, a hub id, a .pt2 file, package.module:factory or a packaged name; without one, the current model,
                else a packaged backbone.
            options: weights, batch_size, device, trust_remote_code.
        """
        from badcase.prediction.predict import predict  # torch: not in the window's process

        return predict(self, model, **options)

    def bring_predictions(self, probs: ArraySource, **options: Any) -> PredictionSet:
        """Bring in predictions that were computed elsewhere, as the current prediction set.

        Args:
            probs: Probabilities or logits: a file (.csv, .tsv, .parquet, .feather, .jsonl, .npy, .npz), a data frame, an array
                (n, k), or a mapping from keys to rows. Rows are matched by keys, else by order; columns by name, else by order.
            options: features, the same of embeddings (n, d); trained_on, which items the model had trained on ("none", "all", a
                column, a file of keys, keys, or bool (n,)); keys, of the rows; name, of the run.

        Raises:
            BadcaseError: Where an item has no row, a class has no column, or there is no single reading.
        """
        return finish(self.bringing_predictions(probs, **options))

    def bringing_predictions(self, probs: ArraySource, **options: Any) -> Job[PredictionSet]:
        """`bring_predictions` as a job."""
        from badcase.prediction.brought import bring_predictions

        return bring_predictions(self, probs, **options)

    def rank(self) -> AnyRanking:
        """The queue for the labels that hold now, computed from the current prediction set and saved beside it."""
        return finish(self.ranking_anew())

    def ranking_anew(self) -> Job[AnyRanking]:
        """`rank` as a job, which can be stopped within a second."""
        from badcase.ranking.saved_ranking import ranking_project

        ranking = yield from ranking_project(self)
        self._keep(ranking)
        return ranking

    @property
    def any_ranking(self) -> AnyRanking | None:
        """The queue as it was last computed, in milliseconds; None before the first, or where it cannot be read any more."""
        if self._ranking is None or self._ranked != self.predictions.added:
            self._keep(self.newest_ranking())
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

        return groups_from(snapshot_of(self, self.ranking), kind)

    def newest_ranking(self) -> AnyRanking | None:
        """The queue that was saved last, though another may be in use."""
        from badcase.ranking.saved_ranking import saved_ranking

        return saved_ranking(self)

    def use_ranking(self, ranking: AnyRanking) -> Changes:
        """Go by a ranking that a job of the worker made."""
        self._keep(ranking)
        return Changes(_("ranked anew"), frozenset({Area.RANKING}))

    def _keep(self, ranking: AnyRanking | None) -> None:
        self._ranking, self._ranked = ranking, self.predictions.added

    @property
    def verdicts_ranked(self) -> int:
        """How many verdicts the newest ranking has learnt from."""
        from badcase.ranking.saved_ranking import verdicts_ranked

        return verdicts_ranked(self)

    def reviewers(self) -> Reviewers:
        """Who has reviewed, how far they agree, how good each is, and the consensus."""
        from badcase.reviewers.of_project import reviewers_of

        return reviewers_of(self, self.ranking)

    def accept_consensus(self) -> Changes:
        """Record the consensus as verdicts where it is not what stands; see `reviewers.of_project`."""
        from badcase.reviewers.of_project import accept_consensus

        return accept_consensus(self, self.reviewers())
