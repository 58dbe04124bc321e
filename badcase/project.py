"""Project, the one door: what the window and the command line hold, and nothing deeper."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.importing import TASKS, import_items
from badcase.importing.in_memory import SOURCE_FOLDER, how_to_read, write_data
from badcase.items.places import MovablePlace
from badcase.mending.journal_backups import back_up_journal
from badcase.progress import Job, Notice, finish_telling
from badcase.store.atomic_files import write_folder_whole
from badcase.store.changes import Area, Changes
from badcase.store.checks.identity import NAME as IDENTITY
from badcase.store.checks.identity import RUNS_MARKED, note_project, settle_items, sweep_items
from badcase.store.database import Store
from badcase.store.opening.lock import ProjectLock, held_elsewhere
from badcase.store.opening.openings import Openings
from badcase.store.opening.read_only import CannotWrite, asked_for, require_writable
from badcase.store.opening.shared_folders import cautions
from badcase.store.own_folders import refuse_odd_files
from badcase.store.prediction_sets import PredictionSet
from badcase.store.project_data import ASKED
from badcase.trust.named_places import name_places
from badcase.updating.updated_project import Places, UpdatedProject

if TYPE_CHECKING:
    from badcase.class_edits.class_edits import ClassEdits
    from badcase.export import Applied, Exported, OnConflict
    from badcase.groups.of_project import Group, GroupKind
    from badcase.importing.arrays.array_source import ArraySource
    from badcase.importing.relocating import Relocated
    from badcase.prediction.predict import ModelSource
    from badcase.reviewers.of_project import Reviewers
    from badcase.revisions.label_diff import LabelDiff


_OPENINGS = Openings()
_ELSEWHERE = ("train", "resume", "repeat", "tune", "accept", "compare", "report")  # they need torch, and a layer above this one


def _let_go(close: Callable[[], None], lock: ProjectLock | None) -> None:
    """Close what a project held; also of one that nobody closed, in whatever thread it is collected."""
    with suppress(sqlite3.ProgrammingError):
        close()
    if lock is not None:
        lock.release()


class Project(UpdatedProject):
    """A data set under review, in one folder: what it holds (`ProjectData`), its queue (`RankedProject`), its updates
    (`UpdatedProject`), and the verbs.

    Open one with `open`, make one with `create`; it is a context manager that closes itself. Only one program writes to a
    project at a time, and inside it a project that is opened twice is one and the same; `attached=True` is for the worker
    process of the program that does. Any number may read beside it, with `read_only=True`.

    A verb does its work and returns what came of it: `predict`, `rank`, `export`. The same as a job, which tells how far it is
    and can be stopped, has a name of its own: `predicting`, `ranking_anew`, `exporting`. `badcase.training` trains.
    """

    def __init__(self, path: Path, store: Store, lock: ProjectLock | None) -> None:
        if lock is not None:
            settle_items(path, store)
        super().__init__(path, store)
        self._lock = lock
        store.owner = self  # a noun that is held alone, such as Project.open(path).journal, keeps its project open
        self._let_go = weakref.finalize(self, _let_go, store.closer, lock)
        self._let_go.atexit = False
        if lock is not None:
            note_project(store, self.items)
            sweep_items(path, self.items.revision)
            self.runs.mark_all()
            self.predictions.sweep()
            self.runs.mark_abandoned()

    # --- the door -----------------------------------------------------------------------------------------------

    @classmethod
    def create(cls, path: str | Path, data: Any, **how: Any) -> Project:
        """Make a project from data in place, or from data in memory, and open it.

        Args:
            path: The folder to make.
            data: As for `creating`.
            how: As for `creating`.

        Raises:
            BadcaseError: Where there is something at the path already, or the data have no single reading.
        """
        return finish_telling(cls.creating(path, data, **how))

    @classmethod
    def creating(
        cls, path: str | Path, data: Any, *, unlabelled: Places = (), task: str = "multiclass", seed: int = 0, **how: Any
    ) -> Job[Project]:
        """Import data into a new project folder, which appears whole or not at all: `create` as a job.

        Args:
            path: The folder to make.
            data: The path of a folder, a table, or a zip of either, which stays where it is. Or a data frame (pandas, polars,
                pyarrow), a `datasets.Dataset`, a `DatasetDict` or dict of frames by split, a list of dicts, or a dict of
                columns, which is kept in the project as source/data.parquet.
            unlabelled: A place of more items, or several: tables, files, folders or archives without labels.
            task: "multilabel" where an item may have any number of labels; each distinct set of them is a class then.
            seed: Decides the splits that are made.
            how: text, image, label, split, key, group, time name columns of a table, what is not named is found; encoding,
                header, missing, images and join_spellings say how it is to be read, as `ReadOptions` tells.
        """
        path = Path(path).expanduser().absolute()
        if path.exists():
            raise BadcaseError(
                _("there is something at this path already"),
                where=str(path),
                hint=_("Choose another name, or open it with `badcase open`."),
            )
        if task not in TASKS:
            raise BadcaseError(_("there is no such task"), where="task", expected=" | ".join(TASKS), got=task)
        with write_folder_whole(path) as folder:
            if in_memory := not isinstance(data, str | Path):
                data = write_data(data, folder)
                how = how_to_read(data, how)
            pools = [unlabelled] if isinstance(unlabelled, str | Path) else list(unlabelled)
            imported = yield from import_items(data, folder, unlabelled=pools, seed=seed, task=task, **how)
            source = replace(imported.source, location=path / SOURCE_FOLDER) if in_memory else imported.source
            place = MovablePlace.of(source.location, path).plain()
            store = Store.create(folder / "project.db")
            with store.transaction() as connection:
                connection.executemany("INSERT INTO classes VALUES (?, ?)", enumerate(imported.classes))
                connection.executemany(
                    "INSERT INTO set_aside VALUES (?, ?, ?, ?, ?)", [bad.as_row() for bad in imported.set_aside]
                )
                connection.executemany("INSERT INTO gold VALUES (?)", [(int(i),) for i in np.flatnonzero(imported.gold)])
            said = {"task": task, "source": source.plain(), "places": {"source": place}, "notes": imported.notes, "seed": seed}
            said |= {IDENTITY: imported.identity, RUNS_MARKED: 1}
            store.set_settings(said.items())
            store.close()
        made = cls.open(path)
        name_places(path, source.location, *made.items.every_place())
        return made

    @classmethod
    def open(cls, path: str | Path, *, attached: bool = False, read_only: bool | None = False) -> Project:
        """Open a project.

        Args:
            path: Its folder.
            attached: For the worker process of the program that holds it.
            read_only: True: write nothing, and read it as it stands now, whoever else has it open. None: only where its folder
                cannot be written to; `project.read_only` says why.

        Returns:
            The project; where this process has it open for writing, the same one, which is closed when each opening has been.

        Raises:
            BadcaseError: Where it is none, is newer than this program, or is in use by another program and not only read.
        """
        path = Path(path).expanduser().absolute()
        if not (path / "project.db").is_file():
            raise BadcaseError(
                _("this is not a badcase project"),
                where=str(path),
                expected=_("a folder with project.db"),
                hint=_("Make one from data with `badcase new PROJECT --data PATH`."),
            )
        if not attached:
            refuse_odd_files(path)
        if read_only:
            return cls._reading(path)
        try:
            return cls._writing(path, attached=attached)
        except CannotWrite as error:
            if read_only is None:
                return cls._reading(path, error)
            raise

    @classmethod
    def _reading(cls, path: Path, why: BadcaseError | None = None) -> Project:
        """One that is only read, as it stands now."""
        holder = held_elsewhere(path)
        project = cls._of(path, Store(path / "project.db", read_only=why or holder or asked_for(path)), None)
        project.runs.unattended = holder is None
        return project

    @classmethod
    def _writing(cls, path: Path, *, attached: bool) -> Project:
        require_writable(path)
        if attached:
            return cls._of(path, Store(path / "project.db", check=False), None)
        if (known := _OPENINGS.again(path, cls)) is not None:
            return known
        lock = ProjectLock(path)
        try:
            project = cls._of(path, Store(path / "project.db"), lock)
        except BaseException:
            lock.release()
            raise
        _OPENINGS.add(path, project)
        return project

    @classmethod
    def _of(cls, path: Path, store: Store, lock: ProjectLock | None) -> Project:
        try:
            return cls(path, store, lock)
        except BaseException:
            store.close()
            raise

    @property
    def cautions(self) -> list[Notice]:
        """What endangers a project where it lies: a folder that other computers see too."""
        return cautions(self.path)

    @property
    def closed(self) -> bool:
        """Whether it was closed; what needs the project then raises BadcaseError."""
        return self._store.closed

    def close(self) -> None:
        """Let the project go; one that was opened several times with the last closing."""
        if not self.closed and _OPENINGS.one_less(self):
            if self._lock is not None:
                back_up_journal(self.path)
            self._store.closed = True
            self._let_go()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def reload(self, *, stopped: bool = False) -> Changes:
        """Take notice of what a job of the worker wrote, now that it is over: prediction sets, ranking, runs, verdicts.

        A run that the worker could not conclude, because it was ended, is closed here; stopped: a person ended it.
        """
        if self.read_only is None:
            self._ranking = None
        if self._lock is not None:
            self.runs.mark_abandoned(stopped=stopped)
        areas = {Area.PREDICTIONS, Area.RANKING, Area.RUNS, Area.SETTINGS}
        if len(self.data_revisions) + 1 != self.items.revision:
            self._read_items()
            return Changes(_("updated"), frozenset(Area), frozenset())
        if self._find_data():
            areas.add(Area.SOURCE)
        if judged := self.journal.catch_up():
            areas.add(Area.LABELS)
        return Changes(_("updated"), frozenset(areas), frozenset(judged))

    def __getattr__(self, name: str) -> Any:
        """Say where a verb is that a project itself does not have."""
        if name in _ELSEWHERE:
            told = f"a project does not {name} by itself: call badcase.training.{name}(project, ...)"
            raise AttributeError(told, name=name, obj=self)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    @property
    def class_edits(self) -> ClassEdits:
        """The classes, what each means, and every way to change them, looked at before it is done."""
        from badcase.class_edits.class_edits import ClassEdits

        return ClassEdits(self)

    # --- verbs -----------------------------------------------------------------------------------------------------

    def predict(self, model: ModelSource | None = None, **options: Any) -> PredictionSet:
        """Run a model over all items.

        Args:
            model: A folder, a hub id, a .pt2 file, package.module:factory or a packaged name; without one, the current model,
                else a packaged backbone.
            options: weights, batch_size, device, trust_remote_code; exact, to take none of the faster ways that change outputs
                a little.

        Returns:
            What the model said, which is the current prediction set now.
        """
        return finish_telling(self.predicting(model, **options))

    def predicting(self, model: ModelSource | None = None, **options: Any) -> Job[PredictionSet]:
        """`predict` as a job, which can be stopped and goes on where it was."""
        self.require_writing()
        from badcase.prediction.predict import predict  # torch: not in the window's process

        return predict(self, model, **options)

    @property
    def asked_model(self) -> str | None:
        """The model that a person has named and that has not run yet, which a prediction without a name takes; None for none."""
        asked: dict[str, Any] | None = None if self.model_spec is not None else self.setting(ASKED)
        return None if asked is None else str(asked["model"])

    def forget_asked_model(self) -> Changes:
        """Let a prediction without a name take the packaged network again."""
        return self.set_setting(ASKED, None)

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
        return finish_telling(self.bringing_predictions(probs, **options))

    def bringing_predictions(self, probs: ArraySource, **options: Any) -> Job[PredictionSet]:
        """`bring_predictions` as a job."""
        self.require_writing()
        from badcase.prediction.brought import bring_predictions

        return bring_predictions(self, probs, **options)

    def backup(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the whole project as one file, a zip from which `badcase restore` makes it again.

        Args:
            path: The file to write.
            overwrite: Whether it may take the place of what is there.
        """
        return finish_telling(self.backing_up(path, overwrite=overwrite))

    def backing_up(self, path: str | Path, *, overwrite: bool = False) -> Job[Path]:
        """`backup` as a job."""
        from badcase.mending.whole_copy import backing_up

        return backing_up(self.path, Path(path), overwrite=overwrite)

    def export(self, out: str | Path, **options: Any) -> Exported:
        """Write the corrected data set; what is at `out` already stays unless `overwrite`.

        Args:
            out: The file or folder to write.
            options: format ("same", the format of the source, "csv", "jsonl", "parquet", "folder", "hf" or "patch") and others,
                as `badcase export --help` lists them.
        """
        return finish_telling(self.exporting(out, **options))

    def exporting(self, out: str | Path, **options: Any) -> Job[Exported]:
        """`export` as a job."""
        from badcase.export import export

        return export(self, out, **options)

    def apply(
        self, patch: str | Path, conflicts: OnConflict | str = "keep", chosen: Mapping[str, OnConflict | str] | None = None
    ) -> Applied:
        """Take over the verdicts of another copy of the data, which `export` wrote as a patch; one undo takes all of them back.

        Args:
            patch: The file.
            conflicts: Where a verdict stands that says something else: "keep" it, "take" the patch's, or let the "newest" hold.
                The other stays known as what its reviewer says.
            chosen: The same for single items, by their keys.

        Returns:
            What changed, with how many verdicts were applied, known already and without a match, and the conflicts one by one.

        Raises:
            BadcaseError: Where it is no patch, or says nothing of an item that was chosen for; nothing is recorded then.
        """
        self.require_writing()
        from badcase.export import apply_patch

        return apply_patch(self, Path(patch), conflicts, chosen)

    def relocate(self, path: str | Path, *, force: bool = False) -> Relocated:
        """Say where the data are now that they were moved.

        Args:
            path: The new place of the folder, table or zip that the project was made from, or of its images.
            force: Take it also where most of the items are not found there.

        Returns:
            How many of the items were found, and how many of those compared are the same.

        Raises:
            BadcaseError: Where there is nothing, or other data.
        """
        return finish_telling(self.relocating(path, force=force))

    def relocating(self, path: str | Path, *, force: bool = False) -> Job[Relocated]:
        """`relocate` as a job."""
        self.require_writing()
        from badcase.importing.relocating import relocating

        return relocating(self, Path(path), force=force)

    def groups(self, kind: GroupKind | str) -> list[Group]:
        """Bad cases that belong together, those first that promise most; the kinds are those of `GroupKind`."""
        self.require_one_label(_("Grouping"))
        from badcase.groups.of_project import groups_from, snapshot_of

        return groups_from(snapshot_of(self, self.ranking), kind)

    def diff(self, first: int | str, second: int | str = "now") -> LabelDiff:
        """Which labels changed from one revision to another, from what to what and by whom.

        Args:
            first: A revision: its number, "given", "now", or "run:3" for the labels that run 3 was trained with.
            second: The other.

        Raises:
            BadcaseError: Where there is no such revision.
        """
        from badcase.revisions.label_diff import label_diff

        return label_diff(self, first, second)

    def reviewers(self) -> Reviewers:
        """Who has reviewed, how far they agree, how good each is, and the consensus."""
        from badcase.reviewers.of_project import reviewers_of

        return reviewers_of(self, self.ranking)

    def accept_consensus(self) -> Changes:
        """Record the consensus as verdicts where it is not what stands; `reviewers.adopting` says what it leaves."""
        self.require_writing()
        from badcase.reviewers.adopting import accept_consensus

        return accept_consensus(self, self.reviewers())
