"""A network is compiled where that pays within its training, gives the same, and runs as it is where nothing can compile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from badcase.errors import BadcaseError
from badcase.progress import Notice
from badcase.project import Project
from badcase.training.data.run_spec import RunSpec
from badcase.training.network.setups import Setup, setup_for
from badcase.training.recipe import Recipe
from badcase.training.recipe.enums import Start
from badcase.training.runs import compiling
from badcase.training.runs.compiling import compile_where_it_pays, worth
from tests.badcase.prediction.projects import predicted_images

WANTED = Recipe(epochs=2, head_epochs=1, batch_size=8, compile=True)


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    with predicted_images(tmp_path_factory.mktemp("images"), 30) as project:
        yield project


def asked(project: Project, backend: Any, decided: bool | None = None, recipe: Recipe = WANTED) -> tuple[Setup, bool, list[str]]:
    """A setup, whether its network was compiled, and what was said."""
    assert project.predictions.current is not None
    spec = RunSpec(recipe, Start.CURRENT, 0, project.revision, project.predictions.current, "cpu")
    training_set = spec.training_set(project)
    setup, said = setup_for(spec, project, training_set), []
    job = compile_where_it_pays(setup, training_set, decided=decided, backend=backend)
    while True:
        try:
            event = next(job)
        except StopIteration as stop:
            return setup, stop.value, said
        said += [event.text] if isinstance(event, Notice) else []


def answers(setup: Setup) -> torch.Tensor:
    setup.trainee.network.eval()
    with torch.no_grad():
        return setup.trainee.logits(setup.fetch(torch.arange(6).numpy()))


@pytest.mark.parametrize(("items", "pays"), [(100, False), (100_000, True)])
def test_it_pays_where_what_it_saves_over_the_training_is_more_than_it_costs(items: float, pays: bool) -> None:
    said, found = worth(before=100, after=150, cost=30, items=items)  # saves a third of items / 100 seconds
    assert found is pays and "30 s" in said and f"{items / 300:.0f} s" in said
    assert not worth(before=100, after=90, cost=0, items=items)[1]


def test_what_was_timed_is_as_before_and_the_random_numbers_too(images: Project) -> None:
    graphs: list[int] = []

    def counted(graph: torch.fx.GraphModule, _inputs: object) -> Any:
        graphs.append(1)
        return graph.forward

    plain, off, _said = asked(images, counted, recipe=WANTED.replace_from({"compile": False}))
    assert not off and not graphs
    before, weights = torch.get_rng_state(), {key: value.clone() for key, value in plain.trainee.network.state_dict().items()}
    setup, pays, said = asked(images, counted)
    assert graphs and torch.equal(torch.get_rng_state(), before)
    assert said and ("compiled" in said[0])
    for key, value in setup.trainee.network.state_dict().items():
        assert torch.equal(value, weights[key]), key
    assert ("forward" in vars(setup.trainee.network)) is pays


def test_what_is_compiled_gives_the_same_and_a_resumed_run_asks_nothing(images: Project) -> None:
    plain, off, quiet = asked(images, "eager", decided=False)
    compiled, on, also = asked(images, "eager", decided=True)
    assert (off, on, quiet, also) == (False, True, [], [])
    assert "forward" in vars(compiled.trainee.network)
    torch.testing.assert_close(answers(compiled), answers(plain))


def test_where_nothing_can_compile_it_is_said_and_the_network_runs_as_it_is(images: Project) -> None:
    def broken(_graph: object, _inputs: object) -> Any:
        raise RuntimeError("no C++ compiler was found")

    setup, on, said = asked(images, broken)
    assert not on and any("no C++ compiler was found" in text for text in said)
    assert "forward" not in vars(setup.trainee.network) and answers(setup).isfinite().all()


def test_the_linear_head_has_nothing_to_compile() -> None:
    with pytest.raises(BadcaseError) as caught:
        Recipe(method="linear_head", freeze="head_first", compile=True).check("text")
    assert caught.value.where == "compile" and compiling.GRAPHS == 2
