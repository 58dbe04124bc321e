"""Where the person stands in the review: the list, the current item, the answers and neighbours it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, Signal

from badcase.errors import BadcaseError
from badcase.i18n import _
from badcase.multilabel_matrix import LabelMatrix
from badcase.ranking.any_ranking import AnyRanking
from badcase.ranking.multilabel.ranking import MultilabelRanking
from badcase.store.changes import Area, Changes
from badcase.store.verdicts import VerdictCode
from badcase.ui.desktop.review.filtering.filter_syntax import parse
from badcase.ui.desktop.review.filtering.filters import Facts, Filter, Pile
from badcase.ui.desktop.review.state.class_choices import Choices
from badcase.ui.desktop.review.state.facts import facts_of
from badcase.ui.desktop.review.state.label_choices import BatchLabels, LabelChoices, LabelEdit
from badcase.ui.desktop.review.state.live_order import LearntOrder
from badcase.ui.desktop.review.state.nearest import NearestFinder
from badcase.ui.desktop.review.state.nearest_wishes import Answers, NearestWishes, Wish
from badcase.ui.desktop.review.state.verdict_words import verdict_words
from badcase.ui.desktop.review.state.worklist import Order, Worklist
from badcase.ui.desktop.session.session import Session

PAGE = "review"  # the origin of what is done here: the page shows it by the signals below
_MANY = 200_000  # items whose texts take longer to look through than a key may wait
_AVERAGED = 2000  # items of a selection whose likelihoods order its classes


class ReviewState(QObject):
    """`moved`: another item is current. `listed`: the list is another. `selected`: the selection is another. `edited`: a
    label was turned on or off, and is not written yet. `renewed`: a refitted ranking was taken over, between two items.
    `labelled_anew`: what to label next was learnt anew, and the list stands in another order behind what is shown."""

    moved = Signal()
    listed = Signal()
    selected = Signal()
    renewed = Signal()
    labelled_anew = Signal()
    edited = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._nearest = NearestWishes(session.pool, session)  # left also where what follows cannot be read
        self._search: int | None = None  # the ticket of a search
        self.ranking: AnyRanking | None = self._known()
        self.facts: Facts = facts_of(session.project, self.ranking, session.project.predictions.current, session.seen)
        self.early = session.project.predictions.current is None  # at most some items are known of
        self.coming: Facts | None = None  # of the ranking that will be taken over with the next verdict
        self.worklist = Worklist(self.facts)
        self.order = LearntOrder(session, self.worklist)
        self.order.begin()
        self.finished = False  # the person has judged the last item of the list
        self._mean: tuple[AnyRanking, npt.NDArray[np.int64], npt.NDArray[np.floating]] | None = None
        self._finder: NearestFinder | None = None
        self._edit = LabelEdit()
        self._edit_of: int | None = None
        session.refit.ready.connect(self._prepare)
        session.to_label.ready.connect(self._on_labels_learnt)
        session.changed.connect(self._follow)

    def _follow(self, changes: Changes) -> None:
        """A label is another: duplicates of the item may agree now, or disagree, and both count elsewhere."""
        if Area.LABELS not in changes.areas:
            return
        known = self.session.project.any_ranking is self.ranking
        followed = self.facts.follow() if known else np.empty(0, np.int64)
        touched = np.fromiter(changes.items, np.int64, len(changes.items))
        self.worklist.recount(np.union1d(touched, followed) if known and Area.CLASSES not in changes.areas else None)

    def others_judged(self, changes: Changes) -> None:
        """Items were judged elsewhere than by a key of the review: what was settled waits no longer, what is on screen stays."""
        self.worklist.judged(changes.items)
        self.order.learn(changes.items, self.worklist.position)
        if self.current is None:
            self.finished = not self.worklist.advance()

    def _on_labels_learnt(self) -> None:
        """What is suggested where there is no label is another, and what comes next behind what is on screen."""
        self._suggest_labels()
        self.order.learn(frozenset(), self.worklist.position)
        self.order.forget_turns()
        self.labelled_anew.emit()

    def _suggest_labels(self) -> None:
        """To items without a label the class is suggested that the labels so far say, which are newer than the model."""
        queue = self.session.to_label.now()
        if queue is not None and queue.probs is not None and self.facts.ranked:
            without = np.flatnonzero(self.facts.unlabelled)
            self.facts.suggested[without] = queue.probs[without].argmax(1)
            self.worklist.recount()

    def _prepare(self, ranking: AnyRanking) -> None:
        """Have the facts of a refitted ranking made in a thread; until they are taken over nothing moves."""
        project, predictions, seen = self.session.project, self.session.project.predictions.current, self.session.seen
        self.session.pool.submit(
            lambda: facts_of(project, ranking, predictions, seen), self._on_prepared, owner=self.session.refit
        )

    def _on_prepared(self, facts: Facts) -> None:
        self.coming = facts
        if self.current is None:  # nobody looks at an item, and there may be new ones
            self.take_over()
            self.finished = self.finished and not self.worklist.advance()
            self.listed.emit()

    def take_over(self) -> None:
        """Go by the refitted ranking behind what is on screen, where there is one."""
        facts, self.coming = self.coming, None
        changes = self.session.refit.take_over() if facts is not None else None
        if facts is None or changes is None:
            return
        self.ranking, self.facts, self._finder = self.session.project.any_ranking, facts, None
        facts.follow()
        self._suggest_labels()
        self._renew()
        self.renewed.emit()
        self.session.tell(changes, origin=PAGE)

    def reload(self) -> None:
        """Take in a new ranking or prediction set."""
        project, known = self.session.project, self.current is not None and self.early
        self.ranking = self._known()
        self.early = project.predictions.current is None
        self.facts = facts_of(project, self.ranking, project.predictions.current, self.session.seen)
        self._suggest_labels()
        self._finder = self.coming = None
        self.session.refit.drop()
        self.finished = False
        if known and self.ranking is not None:  # what is seen of the first items stays; the others come behind it
            self._renew()
        else:
            keep = self.worklist.current
            self.worklist.refresh(self.facts)
            self.order.begin(keep)
        self.listed.emit()

    def _known(self) -> AnyRanking | None:
        """The ranking to go by: before the first prediction is done, what one that was stopped had found of the first items."""
        project = self.session.project
        if project.any_ranking is None and project.predictions.current is None and (early := project.early_ranking()) is not None:
            project.use_ranking(early)
        return project.any_ranking

    def _renew(self) -> None:
        self.worklist.renew(self.facts, self.order.fixed_until(self.worklist.position) if len(self.worklist) else -1)
        self.order.forget_turns()

    # --- what is shown ------------------------------------------------------------------------------------------

    @property
    def current(self) -> int | None:
        return None if self.finished else self.worklist.current

    @property
    def locked(self) -> bool:
        """Whether the current item is gold."""
        return self.current is not None and bool(self.facts.gold[self.current])

    def alike(self, item: int) -> npt.NDArray[np.int64]:
        """An item and those like it that wait for a label too, the most alike first; none while nothing is known."""
        queue = self.session.to_label.now()
        return np.empty(0, np.int64) if queue is None else queue.alike(item)

    def choices(self) -> Choices | LabelChoices | None:
        """The answers for the current item."""
        item = self.current
        if item is None:
            return None
        if self.facts.several:
            return self._label_choices(item)
        shown = self.facts.ranked and not self.blind(item)
        suggested = int(self.facts.suggested[item]) if shown else None
        likelihood = self._likelihood(item) if shown else None
        said = "" if self.hidden(item) else verdict_words(self.session.project, item)
        return Choices(
            self.facts.classes, likelihood, suggested, int(self.facts.given[item]), decided=self.decided(item), said=said
        )

    def decided(self, item: int) -> int | None:
        """The class that a verdict gave an item or kept; None where there is none, or it is no class."""
        return int(self.session.project.labels[item]) if self._found(item) else None

    def _found(self, item: int) -> bool:
        """Whether a verdict that may be seen says which label an item has."""
        return self.facts.verdicts[item] in (VerdictCode.KEEP, VerdictCode.RELABEL) and not self.hidden(item)

    def hidden(self, item: int) -> bool:
        """Whether what others decided of an item must not be shown."""
        return self.session.seen.hides(item)

    def blind(self, item: int) -> bool:
        """Whether what the model says of an item must not be shown: it was drawn at random and waits for a verdict."""
        return bool(self.facts.verdicts[item] == VerdictCode.NONE) and self.order.drawn(item)

    def all_blind(self) -> npt.NDArray[np.int64]:
        """All such items."""
        drawn = self.order.all_drawn()
        waiting: npt.NDArray[np.int64] = drawn[self.facts.verdicts[drawn] == VerdictCode.NONE]
        return waiting

    def not_blind(self, items: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Those of some items of which the model's view may be shown."""
        told: npt.NDArray[np.int64] = items[~np.isin(items, self.all_blind())]
        return told

    def likelihood_shown(self, item: int) -> npt.NDArray[np.floating] | None:
        """The same as `choices` shows it: None of an item whose suggestion must not be seen yet, and without a ranking."""
        return self._likelihood(item) if self.facts.ranked and not self.blind(item) else None

    def _likelihood(self, item: int) -> npt.NDArray[np.floating] | None:
        """(k,) out-of-sample probabilities; the model's own where the ranking leaves the item out."""
        predictions = self.session.project.predictions.current
        if self.ranking is None or predictions is None:
            return None
        queue = self.session.to_label.now()
        if queue is not None and queue.probs is not None and self.facts.unlabelled[item]:
            said: npt.NDArray[np.floating] = queue.probs[item]
            return said
        if np.isnan(self.facts.suspicion[item]):
            return predictions.label_probabilities(item) if self.facts.several else predictions.confidences(item)
        row: npt.NDArray[np.floating] = self.ranking.probs[item]
        return row

    def _label_choices(self, item: int) -> LabelChoices:
        facts, ranking = self.facts, self.ranking
        wanted, told = self.edit.over(self._begun(item)[None])[0], facts.ranked and not self.blind(item)
        return LabelChoices(
            facts.classes,
            item,
            facts.given[item],
            wanted,
            suggested=facts.suggested[item] if told else None,
            probability=self._likelihood(item) if told else None,
            suspicion=ranking.label_suspicion[item] if told and isinstance(ranking, MultilabelRanking) else None,
        )

    def batch_choices(self) -> Choices | BatchLabels:
        """The answers for the selection: all classes by their mean likelihood."""
        items = self.worklist.selected_items()[:_AVERAGED]
        mean = None if self.ranking is None else self._mean_likelihood(self.ranking, items)
        if self.facts.several:
            return BatchLabels(self.facts.classes, self._standing(self.targets()), mean, self.edit)
        first = int(np.argmax(mean)) if mean is not None else int(self.facts.given[items[0]])
        return Choices(self.facts.classes, mean, None, first)

    def _mean_likelihood(self, ranking: AnyRanking, items: npt.NDArray[np.int64]) -> npt.NDArray[np.floating]:
        """(k,) over some items; that of the last ones is kept, since every digit of the palette asks for it."""
        if self._mean is None or self._mean[0] is not ranking or not np.array_equal(self._mean[1], items):
            self._mean = ranking, items, np.nan_to_num(ranking.probs[items]).mean(0)
        return self._mean[2]

    # --- which of several labels ----------------------------------------------------------------------------------

    @property
    def edit(self) -> LabelEdit:
        """What was turned on or off for the selection, else for the current item; another one begins anew."""
        of = -1 if self.worklist.selected.any() else self.current
        if of != self._edit_of:
            self._edit.clear()
            self._edit_of = of
        return self._edit

    def turn(self, label: int) -> None:
        """Turn a label of the selection or the current item on or off; nothing is written yet."""
        items = self.targets()
        if items:
            self.edit.turn(label, self._unturned(items)[:, label])
            self.edited.emit()

    def drop_edit(self) -> None:
        """Leave all labels as they were."""
        self.edit.clear()
        self.edited.emit()

    def wanted(self, items: Sequence[int]) -> LabelMatrix:
        """(items, k) the labels that Enter writes: the suggestions, or what was made of the labels by hand."""
        if self.edit or not self.worklist.selected.any():
            return self.edit.over(self._unturned(items))
        return np.asarray(self.facts.suggested[items], np.bool_)

    def being_written(self, item: int) -> npt.NDArray[np.bool_] | None:
        """(k,) the labels that Enter writes to an item while a person turns some of them; None for any other item."""
        if not self.facts.several or not self.edit or self.facts.gold[item]:
            return None
        selected, row = self.worklist.selected, self.worklist.row_of(item)
        meant = selected[row] if selected.any() and row >= 0 else item == self.current
        return self.wanted([item])[0] if meant else None

    def _unturned(self, items: Sequence[int]) -> LabelMatrix:
        """(items, k) what turning labels starts from: of many items the labels that hold, for nobody looks at each."""
        if self.worklist.selected.any():
            return self._standing(items)
        return np.stack([self._begun(item) for item in items])

    def _begun(self, item: int) -> npt.NDArray[np.bool_]:
        """(k,) the labels of an item before a person turns any: what they have found, else the suggestion where it is shown."""
        found, blind = self._found(item), self.blind(item)
        row: npt.NDArray[np.bool_]
        if found:
            row = self._standing([item])[0]
        else:
            row = self.facts.given[item] if blind else self.facts.suggested[item]
        return row

    def _standing(self, items: Sequence[int]) -> LabelMatrix:
        project = self.session.project
        return project.taxonomy.matrix(project.labels[items])

    @property
    def has_features(self) -> bool:
        """Whether items can be likened: predictions that came from a file may have no features."""
        predictions = self.session.project.predictions.current
        return predictions is not None and predictions.has_embeddings

    def find_nearest(self, wishes: Sequence[Wish], done: Callable[[Answers], None]) -> None:
        """Call `done` with an answer to each wish when they are found, unless others are asked for before; where that takes
        longer, before that with None to each."""
        predictions = self.session.project.predictions.current
        if predictions is None or self.ranking is None or not predictions.has_embeddings:
            self._nearest.forget()
            done([[] for _wish in wishes])
            return
        if self._finder is None:
            project, suspected = self.session.project, np.asarray(self.ranking.flagged, np.bool_)
            sets = project.taxonomy.matrix if self.facts.several else None
            try:
                self._finder = NearestFinder(predictions, self.facts, project.labels, suspected, sets)
            except BadcaseError as error:  # a damaged file: the item is shown without its nearest
                self.session.failed.emit(error)
                done([[] for _wish in wishes])
                return
        self._finder.hidden = self.session.seen.hidden()  # asked here: the journal is read in this thread alone
        if not all(self._finder.at_hand(wish.label, having=wish.having) for wish in wishes):
            done([None for _wish in wishes])
        self._nearest.ask(self._finder, wishes, done)

    # --- moving -------------------------------------------------------------------------------------------------

    def move(self, change: Callable[[Worklist], object]) -> None:
        """Move through the list as `change` does, and tell."""
        self.finished = False
        change(self.worklist)
        self.moved.emit()

    def open_item(self, item: int) -> None:
        """Go to an item, widening the list where it is not in it."""
        (self.listed if self.reach(item) else self.moved).emit()

    def reach(self, item: int) -> bool:
        """The same and tell nobody; True where the list is another since."""
        self._stop_searching()
        self.finished = False
        if self.worklist.go(item):
            return False
        for wanted in (Filter(), Filter(queue=Pile.ALL), Filter(listed=(item,))):
            self.worklist.show(wanted, keep=item)
            if self.worklist.row_of(item) >= 0:
                break
        self.order.begin(item)
        return True

    def show(self, wanted: Filter, order: Order | None = None, *, at: int | None = None) -> None:
        """Make the list anew; the item `at`, else the current one, is current then where it passes.

        Words are looked for beside the window where the items are very many; until they are found the list stays as it is.
        """
        self._stop_searching()
        search = self.facts.search
        if not wanted.words or search is None or self.facts.n < _MANY:
            self._show(wanted, order, at)
            return

        def on_found(_found: object) -> None:
            self._search = None
            self._show(wanted, order, at)

        match, words = self.facts.match, wanted.words
        work = partial(match, words) if match is not None else lambda: [search(word) for word in words]
        self._search = self.session.pool.submit(work, on_found, owner=self.session)

    @property
    def searching(self) -> bool:
        """Whether words are looked for, and the list will be another when they are found."""
        return self._search is not None

    def leave(self) -> None:
        """What is still looked for is shown by nobody any more."""
        self._nearest.forget()
        self._stop_searching()

    def _stop_searching(self) -> None:
        """The person has gone elsewhere: what is found then is not shown any more."""
        self.session.pool.drop(ticket=self._search)
        self._search = None

    def _show(self, wanted: Filter, order: Order | None, at: int | None) -> None:
        keep = self.current if at is None else at
        self.finished = False
        self.worklist.show(wanted, order, keep=keep)
        self.order.begin(keep)
        self.listed.emit()

    def drawn_in_list(self) -> npt.NDArray[np.int64]:
        """Items of a queue that are in it only because they were drawn at random: no count of the items to review has them."""
        if self.worklist.filter != Filter():
            return np.empty(0, np.int64)
        drawn = self.order.all_drawn()
        inside = drawn[self.worklist.rows_of(drawn) >= 0]
        return inside[~self.facts.worth[inside]]

    def toggle_random(self) -> None:
        """Mix items drawn at random into the queue, or no more."""
        self.order.mixes = not self.order.mixes
        self.show(self.worklist.filter)
        on = self.order.mixes
        self.session.toast.emit(_("Random items are mixed in") if on else _("No random items are mixed in"), "")

    def add_filter(self, text: str) -> None:
        """Narrow the list by what was typed; a mistake in it goes to the error bar."""
        try:
            self.show(parse(text, self.facts, self.worklist.filter))
        except BadcaseError as error:
            self.session.failed.emit(error)

    def show_list(self, items: Sequence[int], title: str, *, at_waiting: bool = False) -> None:
        """Show exactly these items, from the first one on; at_waiting: from the first one that waits for a verdict."""
        self._stop_searching()
        self.finished = False
        self.worklist.show(Filter(listed=tuple(int(item) for item in items), title=title))
        self.order.begin()
        if at_waiting:
            self.worklist.stand_at_waiting()
        self.listed.emit()

    def widen(self) -> None:
        """Let the list hold all piles of what passes its filter; what is searched in texts was found already."""
        self._stop_searching()
        self._show(replace(self.worklist.filter, queue=Pile.ALL), None, None)

    def clear_filter(self) -> None:
        shown = self.worklist.filter
        self.show(Filter(queue=Pile.TO_REVIEW if shown.listed is not None else shown.queue))

    def select(self, change: Callable[[Worklist], object]) -> None:
        """Change the selection as `change` does, and tell."""
        self.finished = False
        change(self.worklist)
        self.selected.emit()

    def targets(self) -> list[int]:
        """What a verdict would apply to: the selection, else the current item. Never gold."""
        chosen = self.worklist.selected_items()
        if not len(chosen) and self.current is not None:
            chosen = np.array([self.current], np.int64)
        items: list[int] = chosen[~self.facts.gold[chosen]].tolist()
        return items

    def with_given(self) -> list[int]:
        """Of the targets those that came with a label, which alone can be kept."""
        without = self.facts.unlabelled
        return [item for item in self.targets() if not without[item]]
