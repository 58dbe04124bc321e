"""Gold on the command line: a comparison tells both figures, and a file of verdicts says which of its items are gold."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from badcase.gold_check.blind_check import Rule, answer, begin_check, conclude
from badcase.project import Project
from badcase.store.run_table import RunKind
from badcase.training.comparison.gold_choice import choose_gold
from tests.training.projects import write_noisy_texts
from tests.ui.command_line.conftest import Badcase


def test_compare_tells_both_figures_and_verdicts_tell_of_gold(badcase: Badcase, tmp_path: Path) -> None:
    write_noisy_texts(tmp_path / "texts.csv", 60, wrong=0.0)
    my = tmp_path / "my"
    with Project.create(my, tmp_path / "texts.csv") as project:
        right = 4.0 * np.eye(3)[project.given]
        gold = np.flatnonzero(project.gold)
        other = right.copy()
        other[gold[:8]] = np.roll(right, 1, axis=1)[gold[:8]]
        for logits in (right, other):
            number = project.runs.add(kind=RunKind.TRAINING, title="made", state="done")
            np.save(project.runs.get(number).folder / "logits.npy", logits.astype(np.float16))
        keys = [project.items.key(int(item)) for item in (gold[-1], np.flatnonzero(~project.gold)[0])]
    before = json.loads(badcase("compare", my, 1, 2, "--json").out)
    assert before["outcome"] == "worse" and before["as_given"] is None and before["gold_labels"]["checked"] == 0
    assert "nobody has checked them" in badcase("compare", my, 1, 2).out
    with Project.open(my) as project:
        check = begin_check(project, choose_gold(project, Rule.ALL, np.random.default_rng(0)))
        for item in check.choice.items:
            check = answer(project, check, int(other[item].argmax()), 1.0)
        conclude(project, check)
    after = json.loads(badcase("compare", my, 1, 2, "--json").out)
    assert after["outcome"] == "better" and after["as_given"]["outcome"] == "worse" and after["gold_labels"]["differed"] == 8
    told = " ".join(badcase("compare", my, 1, 2).out.split())
    assert "The figures are for gold as checked. As given: accuracy 100.0 →" in told

    (tmp_path / "verdicts.csv").write_text("key,verdict,label\n" + "".join(f"{key},keep,\n" for key in keys))
    done = badcase("verdicts", my, tmp_path / "verdicts.csv")
    assert "1 item is gold: its verdict changes the label that comparisons stand on" in " ".join(done.out.split())
    undone = json.loads(badcase("undo", my, "--json").out)
    assert undone["next_undo"] == f"gold check of {len(gold)} items"
