"""What a person sees of an object in a notebook or a shell: a line, a small table, a data frame."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import badcase
from badcase import BadcaseError, Project
from badcase.store.run_table import RunKind, RunState
from badcase.store.verdicts import Verdict
from badcase.training.recipe import Recipe

LABELS = ["cat", "dog", "fox"] * 20
PROBS = np.full((60, 3), 0.125) + 0.625 * np.eye(3)[np.arange(60) % 3]
PROBS[7] = [0.125, 0.125, 0.75]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    texts = [f"<b>text</b> number {i}" for i in range(60)]
    with Project.create(tmp_path / "pets", {"text": texts, "label": LABELS, "note": list(range(60))}) as made:
        yield made


def predicted(project: Project, folder: Path) -> None:
    folder.mkdir()
    np.save(folder / "logits.npy", np.log(PROBS).astype(np.float16))
    np.save(folder / "embeddings.npy", PROBS.astype(np.float16))
    np.save(folder / "trained_on.npy", np.zeros(60, np.bool_))
    project.predictions.add(folder, {"k": 3, "d": 3, "name": "mine"})


def test_a_line_says_what_each_object_is(project: Project, tmp_path: Path) -> None:
    predicted(project, tmp_path / "made")
    number = project.runs.add(kind=RunKind.TRAINING, title="fine-tuned", recipe=Recipe().values())
    project.runs.update(number, state=RunState.DONE, metrics={"accuracy": 0.5})
    project.journal.record([0, 1], Verdict.RELABEL, "fox")
    queue = badcase.Queue(LABELS, PROBS)
    queue.record(7, "fox")
    for shown, line in (
        (project, "<Project 'pets': 60 texts, 3 classes, 2 reviewed>"),
        (project.items, "<Items: 60 texts>"),
        (project.taxonomy, "<Taxonomy of 3 classes: cat, dog, fox>"),
        (project.journal, "<Journal at revision 2: 2 items reviewed, 2 relabelled>"),
        (project.predictions, "<PredictionSets: 1, 1 in use>"),
        (project.predictions.current, "<PredictionSet 1: 60 items, 3 classes, mine>"),
        (project.runs, "<RunTable: 1 run, none in use>"),
        (project.runs.get(1), "<Run 1: fine-tuned, done>"),
        (queue, "<Queue of 60 items, 1 recorded>"),
        (badcase.Estimate(1.234567, 0, 3.3333333), "Estimate(value=1.235, low=0, high=3.333)"),
        (Recipe().replace_from({"epochs": 3}), "Recipe(epochs=3)"),
        (badcase.rank(LABELS, PROBS).reasons(7)[0], "Reason(scorer='margin', value=0.812, text='The model says fox, 0.75')"),
    ):
        assert repr(shown) == line
    assert repr(badcase.rank(LABELS, PROBS)).startswith("<Ranking of 60 labels, 3 classes: 1 flagged, about 1")
    many = badcase.rank(np.eye(3, dtype=int)[np.arange(60) % 3], PROBS)
    assert repr(many).startswith("<MultilabelRanking of 60 items, 3 labels: ")
    project.close()
    assert repr(project).endswith("closed>") and repr(project.runs) == "<RunTable of a closed project>"


def test_tables_become_data_frames(project: Project, tmp_path: Path) -> None:
    predicted(project, tmp_path / "made")
    project.journal.record([3, 4], [Verdict.RELABEL, Verdict.KEEP], "fox", who="ann")
    project.journal.undo()
    project.journal.record(5, "exclude", who="ann")
    number = project.runs.add(kind=RunKind.TRAINING, title="fine-tuned")
    project.runs.update(number, state=RunState.DONE, metrics={"accuracy": 0.5, "per_class": [1, 2]})
    items = project.to_frame()
    assert items.columns.tolist() == ["key", "text", "split", "given", "note", "label", "verdict"]
    assert items["given"].tolist() == LABELS and items["verdict"][5] == "exclude" and items["note"].tolist() == list(range(60))
    assert project.items.to_frame()["given"].tolist() == project.given.tolist()
    journal = project.journal.to_frame()
    assert journal[["item", "verdict", "undone"]].values.tolist() == [
        [3, "relabel", True],
        [4, "keep", True],
        [5, "exclude", False],
    ]
    assert journal["label"][0] == "fox" and set(journal["who"]) == {"ann"}
    runs = project.runs.to_frame()
    assert runs.loc[0, ["title", "state", "accuracy"]].tolist() == ["fine-tuned", "done", 0.5] and "per_class" not in runs
    assert project.predictions.to_frame()[["id", "name", "current"]].values.tolist() == [[1, "mine", True]]
    ranking = badcase.rank(LABELS, PROBS).to_frame()
    assert ranking.loc[0, ["item", "given", "suggested", "flagged"]].tolist() == [7, "dog", "fox", True]
    assert len(ranking) == 60 and "The model says fox, 0.75" in ranking["reasons"][0]
    assert badcase.audit(np.arange(60) % 3, PROBS).to_frame()["given"][0] == 1
    several = badcase.rank(np.eye(3, dtype=int)[np.arange(60) % 3], PROBS, class_names=["cat", "dog", "fox"]).to_frame()
    assert several.loc[0, ["item", "given", "suggested"]].tolist() == [7, ["dog"], ["fox"]]


def test_a_notebook_shows_a_few_rows_with_their_text_escaped(project: Project) -> None:
    html = project._repr_html_()
    assert "&lt;b&gt;text&lt;/b&gt; number 0" in html and "<b>" not in html
    assert "number 9" in html and "number 11" not in html
    ranking = badcase.rank(LABELS, PROBS)._repr_html_()
    assert ranking.count("<tr>") == 12 and "The model says fox" in ranking
    for table in (project.items, project.journal, project.runs, project.predictions):
        assert table._repr_html_().startswith("<div><p>&lt;")


def test_without_pandas_a_data_frame_is_refused_with_the_remedy(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadcaseError, match="to_frame: data frames need pandas") as refused:
        project.to_frame()
    assert refused.value.hint == "Install it: pip install pandas"
    assert "number 0" in project._repr_html_()


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        (([0], "relabl", 0), "verdict: there is no such verdict .*relabel | keep", "Did you mean relabel?"),
        (([0], "relabel", "ct"), "label: there is no such class .*got ct", "cat"),
        (([0, 1], "relabel", ["cat"]), "label: there must be one label for each item .*expected 2, got 1", ""),
        (([0, 1], ["keep"]), "verdict: there must be one verdict for each item .*expected 2, got 1", ""),
        (([0], "relabel", 3), "label: a relabel needs a class of the project", ""),
        (([0], "relabel", 0.5), "label: wrong number", ""),
        ((["a key"], "keep"), "items: there is no such item .*got 'a key'", ""),
        (([60], "keep"), "items: there is no such item .*0 to 59, got 60", ""),
        (([-1], "keep"), "items: there is no such item", ""),
        (([], "keep"), "there is nothing to judge", ""),
    ],
)
def test_a_verdict_that_cannot_be_is_refused_in_words(project: Project, arguments: Any, words: str, hint: str) -> None:
    with pytest.raises(BadcaseError, match=words) as refused:
        project.journal.record(*arguments)
    assert hint in refused.value.hint
    assert project.revision == 0


def test_a_label_is_a_class_by_id_or_by_name_for_all_items_or_for_each(project: Project) -> None:
    project.journal.record([0, 3], "relabel", "dog")
    project.journal.record(6, "relabel", np.int64(2))
    project.journal.record(np.array([9, 12]), ["relabel", "keep"], ["fox", None])
    assert [project.classes[project.labels[i]] for i in (0, 3, 6, 9, 12)] == ["dog", "dog", "fox", "fox", "cat"]


def test_a_name_that_is_nearly_right_is_told(project: Project) -> None:
    with pytest.raises(BadcaseError, match="chargram: there is no such model") as refused:
        project.predict("chargram")
    assert refused.value.hint == "Did you mean --model chargrams?"
    with pytest.raises(AttributeError, match=r"call badcase.training.train\(project"):
        project.train()
    with pytest.raises(AttributeError, match="no attribute 'rankk'"):
        project.rankk  # noqa: B018
