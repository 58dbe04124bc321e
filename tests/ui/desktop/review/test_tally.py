"""What the left panel counts item by item is what a look at all items counts, whatever happened in between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from badcase.ui import operations
from badcase.ui.desktop.review.filtering.filters import Facts, Filter, Pile
from badcase.ui.desktop.review.state.tally import Tally
from badcase.ui.desktop.review.state.worklist import Worklist
from tests.ui.desktop.review.conftest import Shown
from tests.ui.desktop.review.test_worklist import make_facts

FILTERS = [
    Filter(),
    Filter(queue=Pile.ALL),
    Filter(queue=Pile.REVIEWED),
    Filter(queue=Pile.BOTH, given=(1, -1)),
    Filter(queue=Pile.TO_LABEL),
    Filter(queue=Pile.UNSURE, splits=(0, 1)),
    Filter(reasons=("margin",), suggested=(0, 2)),
    Filter(queue=Pile.ALL, pairs=((0, 1), (2, 0)), reasons=("neighbours",)),
    Filter(listed=(3, 40, 8, 21, 5), title="some"),
]


def told(tally: Tally | Worklist) -> list[object]:
    counts, confusions = tally.counts(), tally.confusions()
    return [counts.piles, counts.reasons, confusions.counts.tolist(), confusions.expected.tolist()]


@given(st.data(), st.sampled_from(FILTERS), st.booleans())
@settings(max_examples=60, deadline=None)
def test_counting_what_changed_is_counting_all_anew(data: st.DataObject, wanted: Filter, some_unlabelled: bool) -> None:
    facts = make_facts(60)
    if some_unlabelled:
        facts = replace(facts, given=np.where(np.arange(60) % 7 == 3, -1, facts.given))
    facts = replace(facts, suggested=np.where(np.arange(60) % 11 == 5, -1, facts.suggested))  # none of these
    listed = Worklist(facts)
    listed.show(wanted)
    assert told(listed) == told(Tally(facts, wanted))
    for _turn in range(data.draw(st.integers(1, 6))):
        items = np.array(sorted(data.draw(st.sets(st.integers(0, 59), min_size=1))), np.int64)
        facts.verdicts[items] = data.draw(st.integers(0, 4))
        mask = facts.reasons[data.draw(st.sampled_from(["margin", "neighbours"]))]
        mask[items[::2]] ^= True
        facts.worth[items[::3]] ^= True
        listed.recount(items)
        assert told(listed) == told(Tally(facts, wanted))


def test_a_reason_that_speaks_for_the_first_time_is_counted() -> None:
    facts: Facts = make_facts(60)
    listed = Worklist(facts)
    listed.counts()
    facts.reasons["copies"] = facts.worth.copy()
    listed.recount(np.array([4]))
    assert listed.counts().reasons["copies"] == np.count_nonzero(facts.worth & ~facts.gold)


def test_after_keys_selections_undos_and_what_others_do_the_panel_counts_as_if_it_looked_at_all(shown: Shown) -> None:
    rng, reviewer = np.random.default_rng(0), shown.page.reviewer
    wanted = [Filter(), Filter(queue=Pile.ALL), Filter(queue=Pile.ALL, kinds=(("status", "kept"), ("status", "to-review")))]
    wanted += [Filter(queue=Pile.ALL, kinds=(("label", "disc"),)), Filter(queue=Pile.ALL, kinds=(("suggestion", "differs"),))]
    for step in range(90):
        if step % 15 == 0:
            reviewer.show(wanted[step // 15 % len(wanted)])
        what = rng.integers(0, 8)
        if what < 5:
            shown.key(["Return", "Space", "E", "U", "Z"][what])
        elif what == 5:
            shown.session.apply(operations.redo)
        elif what == 6:
            reviewer.select(lambda listed: listed.select_to(min(len(listed) - 1, 3)) if len(listed) else None)
            shown.key("2")
        else:
            items = rng.integers(0, len(shown.session.project.items), 3)
            judged = {"items": items[~reviewer.facts.gold[items]].tolist(), "label": int(rng.integers(0, 3))}
            if judged["items"]:
                shown.session.apply(operations.relabel, **judged)
        assert told(reviewer.worklist) == told(Tally(reviewer.facts, reviewer.worklist.filter)), step
        assert reviewer.worklist.left() == np.count_nonzero(reviewer.worklist.open_rows()), step
    assert reviewer.worklist.counts().piles[Pile.REVIEWED] > 10
    shown.session.project.rank()
    shown.session.tell(shown.session.project.reload())
    shown.key("Space")
    assert told(reviewer.worklist) == told(Tally(reviewer.facts, reviewer.worklist.filter))
