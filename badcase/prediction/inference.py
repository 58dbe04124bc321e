"""Logits and embeddings of all items under one model: taken over from an earlier set, or computed in shards."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from badcase.distributed.team import team
from badcase.errors import BadcaseError
from badcase.i18n import _, plural
from badcase.items import Kind
from badcase.models import Model
from badcase.models.model import digest_of
from badcase.models.running import Piece, Runner
from badcase.prediction.early_review import EarlyReview, early_sizes
from badcase.prediction.faster_ways import Ways, faster_ways
from badcase.prediction.finite_outputs import FiniteCheck
from badcase.progress import RANKED, Job, Notice, Progress
from badcase.store.array_shards import Shards, half_logits
from badcase.store.prediction_sets import PARTIAL, PredictionSet

if TYPE_CHECKING:
    from badcase.store.project_data import ProjectData

CHUNK = 65_536
ROUND = 1.0  # seconds between two meetings of processes that share a prediction: nobody waits longer for another


@dataclass(frozen=True, slots=True)
class Made:
    """How the outputs in a folder came about."""

    seconds: float
    computed: int
    batch_size: int
    precision: str
    unread: dict[int, str]
    processes: int = 1
    engine: str = ""
    reduced: bool = False


def outputs(project: ProjectData, runner: Runner, folder: Path, *, early: bool = False, exact: bool = False) -> Job[Made]:
    """Write logits.npy and embeddings.npy: from an earlier set with the same embeddings, else by running the model.

    early: rank the first items on the way, for somebody who waits for them. exact: take no faster way.
    """
    started, model = time.monotonic(), runner.model
    earlier = _same_embeddings(project, model, exact)
    if earlier is not None and model.head_logits(earlier.embeddings[:1]) is None:
        earlier = None
    if earlier is not None and earlier.n == len(project.items):
        yield Notice(_("The features of prediction set {n} are used again; only the head is new.").format(n=earlier.id))
        _reuse(project, earlier, model, folder)
        return Made(time.monotonic() - started, 0, 0, "", {})
    return (yield from _compute(project, runner, folder, started, early, exact, earlier))


def _same_embeddings(project: ProjectData, model: Model, exact: bool) -> PredictionSet | None:
    wanted = model.embedding_id
    whole = [made for made in project.predictions.all() if not made.meta.get("unread")]
    same = [made for made in whole if made.meta.get("embedding_id") == wanted and not (exact and _is_faster(made))]
    return max(reversed(same), key=lambda made: made.n) if same else None


def _is_faster(made: PredictionSet) -> bool:
    """Whether outputs came about in another way than decoded at full size, run by torch in float32."""
    return (made.meta.get("precision"), made.meta.get("engine"), made.meta.get("reduced")) != ("float32", "torch", False)


def _reuse(project: ProjectData, earlier: PredictionSet, model: Model, folder: Path) -> None:
    for name in ("embeddings.npy", "neighbours.npy"):
        if (earlier.folder / name).exists():
            shutil.copyfile(earlier.folder / name, folder / name)
    check, halves = FiniteCheck(model.name, project.items.keys), []
    for start in range(0, len(earlier.embeddings), CHUNK):
        part = model.head_logits(earlier.embeddings[start : start + CHUNK])
        assert part is not None, "the caller has seen to it"
        check.finite(np.arange(start, start + len(part)), part)
        halves.append(half_logits(part, project.task))
    check.refuse()
    np.save(folder / "logits.npy", np.concatenate(halves))


def _take_over(shards: Shards, earlier: PredictionSet, model: Model, task: str) -> None:
    """What is known of the items that were there before others came."""
    for start in range(0, earlier.n, CHUNK):
        ids = np.arange(start, min(start + CHUNK, earlier.n))
        ids = ids[~shards.done[ids]]
        logits = model.head_logits(earlier.embeddings[ids])
        assert logits is not None, "the caller has seen to it"
        shards.add(ids, half_logits(logits, task), earlier.embeddings[ids])


def _compute(
    project: ProjectData, runner: Runner, folder: Path, started: float, early: bool, exact: bool, earlier: PredictionSet | None
) -> Job[Made]:
    """earlier: Of the first items, by the same features; None where there is none."""
    n = len(project.items)
    shards = Shards(partial_folder(project, runner.model), n)
    if earlier is not None:
        _take_over(shards, earlier, runner.model, project.task)
    wanted = early and team().world == 1 and project.predictions.current is None  # with one there is something to review
    first = EarlyReview(project, shards.folder, early_sizes(n, len(project.label_names)) if wanted else [])
    first.take_up(shards)
    missing = first.order(np.flatnonzero(~shards.done), partial(_order, project))
    if len(missing) < n:
        text = plural(
            "{n} item was finished before and is skipped.", "{n} items were finished before and are skipped.", n - len(missing)
        )
        yield Notice(text.format(n=n - len(missing)))
    if exact or not runner.on_gpu:
        runner.precision = None
    under_way = _UnderWay(project, runner, shards, first, missing)
    yield from under_way.run(look=not exact and not runner.on_gpu)
    if unread := under_way.unread:
        if len(unread) == n:
            raise BadcaseError(
                _("no item of the project can be read"),
                where=project.items.key(0),
                got=next(iter(unread.values())),
                hint=_("Put the data back where it was when the project was made."),
            )
        yield _unread_notice(project, unread)
    shards.assemble(folder)
    return Made(
        time.monotonic() - started,
        len(missing),
        runner.batch_size,
        str(runner.precision or "float32").removeprefix("torch."),
        unread,
        team().world,
        "torch" if runner.compiled is None else "openvino",
        runner.least is not None,
    )


class _UnderWay:
    """What the model says of the items that are missing, on its way into shards; the first of it is ranked meanwhile."""

    def __init__(
        self, project: ProjectData, runner: Runner, shards: Shards, first: EarlyReview, missing: npt.NDArray[np.int64]
    ) -> None:
        self._runner, self._shards, self._first, self._missing = runner, shards, first, missing
        self._task, self._n = project.task, len(project.items)
        self._check = FiniteCheck(runner.model.name, project.items.keys)
        self._done = self._n - len(missing)
        self.unread: dict[int, str] = {}  # why, by item

    def run(self, look: bool) -> Job[None]:
        """Predict; the shards are on the disk however it ends. BadcaseError where outputs are not finite.

        look: Whether faster ways are looked for.
        """
        halved = 0  # a batch that the look could not hold is told of here
        look = look and len(self._missing) > 0
        if look and not self._first.waits:
            yield from faster_ways(self._runner, self._missing, self._told)
            look = False
        try:
            yield from self._first.when_due(self._told)
            for piece in shared_pieces(self._runner, self._missing):
                self._take(piece)
                if self._runner.halved > halved:
                    halved = self._runner.halved
                    yield Notice(_("Memory ran out; the batch size is {n} from here on.").format(n=self._runner.batch_size))
                yield self._told()
                yield from self._first.when_due(self._told)
                if look and not self._first.waits and self._done < self._n:  # somebody waits for the first, which come plain
                    yield from faster_ways(self._runner, self._missing[self._done - self._n :], self._told)
                    look = False
        finally:
            self._shards.write()
        self._check.refuse()

    def _take(self, piece: Piece) -> None:
        read = np.array([int(i) not in piece.unread for i in piece.ids])  # the others are tried again next time
        ids, logits, embeddings = piece.ids[read], piece.logits[read], piece.embeddings[read]
        good = self._check.finite(ids, logits, embeddings)
        self._shards.add(ids[good], half_logits(logits[good], self._task), embeddings[good])
        self._first.add(ids[good], embeddings[good])
        self.unread |= piece.unread
        self._done += len(piece.ids)

    def _told(self) -> Progress:
        ranked = self._first.ranked
        return Progress(_("Predicting"), self._done, self._n, _("items"), {RANKED: ranked} if ranked else {})


def shared_pieces(runner: Runner, ids: npt.NDArray[np.int64]) -> Iterator[Piece]:
    """Outputs of these items as they come, each process seeing to its share of them."""
    if team().world == 1:
        yield from runner.pieces(ids)
    else:
        team().same(None)  # there is something to run: those who follow get ready
        yield from _rounds(runner, ids)


def follow_pieces(make: Callable[[], Runner]) -> None:
    """What the other processes do meanwhile; `make` gives the same runner there, asked for if there is something to run."""
    team().same(None)
    for _piece in _rounds(make(), np.empty(0, np.int64)):
        pass


def _rounds(runner: Runner, ids: npt.NDArray[np.int64]) -> Iterator[Piece]:
    together = team()
    together.align(runner.model.network)  # a factory may draw weights
    ways = together.same(Ways.of(runner))
    if together.rank:
        ways.set(runner)
    ids = together.same(ids)
    own = runner.pieces(ids[together.rank :: together.world])
    while True:
        made = together.gather(_for_a_while(own))
        if not together.same(any(made)):
            return
        for pieces in made:
            yield from pieces


def _for_a_while(pieces: Iterator[Piece]) -> list[Piece]:
    ends, made = time.monotonic() + ROUND, []
    for piece in pieces:
        made.append(piece)
        if time.monotonic() >= ends:
            break
    return made


def partial_folder(project: ProjectData, model: Model) -> Path:
    """Where the shards of this model lie; other weights, another order of classes or another project have another folder."""
    facts = f"{digest_of(model.network, model.inputs)} {model.order} {project.items.identity}"
    name = hashlib.blake2b(facts.encode(), digest_size=8).hexdigest()
    return project.path / "predictions" / f"{PARTIAL}{name}"


def _order(project: ProjectData, ids: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Long texts first and together: batches need little padding, and memory runs out at once or never."""
    if project.kind is Kind.IMAGE:
        return ids
    texts = project.items.texts()
    lengths = np.array([len(texts[int(i)]) for i in ids])
    return ids[np.argsort(-lengths, kind="stable")]


def _unread_notice(project: ProjectData, unread: dict[int, str]) -> Notice:
    first, why = next(iter(unread.items()))
    text = plural(
        "{n} item could not be read and has no prediction: {key} ({why})",
        "{n} items could not be read and have no prediction, the first: {key} ({why})",
        len(unread),
    )
    return Notice(
        text.format(n=len(unread), key=project.items.key(first), why=why),
        _("Put the files back where they were and predict again."),
    )
