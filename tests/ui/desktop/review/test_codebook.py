"""What a class means stands beside the decision, and I folds it away."""

from __future__ import annotations

from badcase.project import Project
from tests.ui.desktop.review.conftest import Shown


def test_what_the_suggested_class_means_stands_beside_the_decision_and_i_folds_it(shown: Shown, project: Project) -> None:
    detail, edits = shown.page.detail, project.class_edits
    assert not detail.book.isVisible(), "nothing is said of any class"
    name = project.classes[int(shown.page.reviewer.facts.suggested[shown.current])]
    for plan in (
        lambda: edits.describe(name, "One of the three shapes."),
        lambda: edits.pin(name, 0, note="as plain as can be"),
        lambda: edits.rule(name, "If both, then this."),
    ):
        edits.apply(plan())
    shown.page.detail.show_item()
    shown.settle()
    told = [line.what for line in detail.book.lines()]
    assert detail.book.isVisible() and told == ["One of the three shapes.", "If both, then this.", "as plain as can be"]
    shown.key("I")
    assert not detail.book.isVisible()
    shown.key("I")
    assert detail.book.isVisible()
    shown.key("Right", "Left")
    assert [line.what for line in detail.book.lines()] == told


def test_a_key_that_has_nothing_to_show_says_so(shown: Shown) -> None:
    said: list[str] = []
    shown.session.toast.connect(lambda words, _key: said.append(words))
    shown.key("I")
    assert said == ["Nobody has said what the classes mean: Data, Classes"]
