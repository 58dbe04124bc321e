"""Prediction sets: complete, resumable, honest about what happened."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.items.kinds import Split
from badcase.models import load_model
from badcase.progress import Event, Job, Notice, Progress
from badcase.project import Project
from badcase.store.prediction_sets import PredictionSet
from tests import warm
from tests.badcase.prediction.projects import image_project, text_model, text_project, trained_image_model


def collect(job: Job[PredictionSet]) -> tuple[PredictionSet, list[Event]]:
    events = []
    while True:
        try:
            events.append(next(job))
        except StopIteration as stop:
            return stop.value, events


def notices(events: list[Event]) -> str:
    return " ".join(event.text for event in events if isinstance(event, Notice))


def test_a_saved_model_predicts_every_item_and_becomes_run_1(tmp_path: Path) -> None:
    with image_project(tmp_path) as project:
        trained_image_model(tmp_path / "model", tmp_path / "data")
        made, events = collect(project.predicting(str(tmp_path / "model")))
        n, k = len(project.items), 3
        assert made.logits.shape == (n, k)
        assert made.embeddings.shape == (n, 16)
        assert made.neighbours is not None
        assert not (made.neighbours == np.arange(n)[:, None]).any()
        np.testing.assert_array_equal(made.trained_on, project.split == Split.TRAIN)
        assert (made.logits.argmax(1) == project.given).mean() > 0.95
        model = load_model(str(tmp_path / "model"))
        alone = model.forward(model.prepare([project.items.image(7)]))
        np.testing.assert_allclose(made.embeddings[7], alone.embeddings[0].detach(), atol=0.05)
        np.testing.assert_allclose(made.logits[7], alone.logits[0].detach(), atol=0.05)
        run = project.runs.current
        assert run is not None and run.kind == "initial" and run.id == made.meta["run"]
        kept = np.load(run.folder / "logits.npy")
        held_out = project.split != Split.TRAIN
        np.testing.assert_array_equal(kept[held_out], made.logits[held_out])
        assert np.isnan(kept[~held_out]).all()
        assert project.model_spec is not None
        assert made.meta["preflight"]["accuracy"] > 0.9
        done = [event.done for event in events if isinstance(event, Progress) and event.unit == "items"]
        assert done == sorted(done) and done[-1] == n
        assert list((project.path / "predictions").glob(".*")) == []  # no shards and no temporary folder stay


def test_predicting_again_without_a_model_uses_the_current_one_and_its_features(tmp_path: Path) -> None:
    with text_project(tmp_path) as project:
        first = project.predict()
        assert project.model_spec == {"kind": "linear_head", "source": "runs/1/model", "name": "minilm"}
        second, events = collect(project.predicting())
        assert second.id != first.id
        assert second.meta["computed"] == 0
        assert "used again" in notices(events)
        assert [run.id for run in project.runs.all()] == [1]
        assert list((project.path / "predictions").glob(".*")) == []
        np.testing.assert_allclose(first.logits, second.logits, atol=0.01)
    (tmp_path / "project").rename(tmp_path / "moved")
    with Project.open(tmp_path / "moved") as project:  # nothing in it knows where it was
        assert project.predict().meta["computed"] == 0


def test_a_packaged_backbone_learns_from_the_labels_that_hold_now(tmp_path: Path) -> None:
    with text_project(tmp_path) as project:
        first = project.predict("minilm")
        train = np.flatnonzero((project.split == Split.TRAIN) & ~project.gold)
        project.journal.record([int(i) for i in train[project.labels[train] == 0]], "relabel", 1)
        second, events = collect(project.predicting("minilm"))
        assert "used again" in notices(events)  # the features are those of before
        assert (first.logits.argmax(1) == 0).any()
        assert not (second.logits.argmax(1) == 0).any()
        assert [run.kind for run in project.runs.all()] == ["initial", "initial"]


def test_chinese_texts_get_character_features(tmp_path: Path, shared_data: Path) -> None:
    import csv
    import gzip

    with gzip.open(shared_data / "thucnews_zh.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[::20]
    with (tmp_path / "news.csv").open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([["text", "label"], *[[row["text"], row["label"]] for row in rows]])
    with Project.create(tmp_path / "project", tmp_path / "news.csv") as project:
        made = project.predict()
        assert made.meta["name"] == "chargrams"
        assert made.meta["accuracy"] > 0.4  # of ten classes, from 500 titles
        assert project.predict().meta["computed"] == 0


@pytest.mark.parametrize("when", ["while predicting", "cancelled"])
def test_a_prediction_that_was_stopped_goes_on_where_it_was(when: str, tmp_path: Path) -> None:
    """A real process, killed with -9 as soon as it has put something on the disk; or a job that is closed."""
    with image_project(tmp_path, 240) as project:
        n = len(project.items)
    trained_image_model(tmp_path / "model", tmp_path / "data")
    if when == "cancelled":
        with Project.open(tmp_path / "project") as project:
            job = project.predicting(str(tmp_path / "model"))
            for event in job:
                if isinstance(event, Progress) and event.unit == "items" and event.done >= 100:
                    break
            job.close()
            assert project.predictions.current is None
    else:
        kill_after_first_shard(tmp_path)
    with Project.open(tmp_path / "project") as project:
        made, events = collect(project.predicting(str(tmp_path / "model")))
        assert "finished before" in notices(events)
        assert 0 < made.meta["computed"] < n
        whole = tmp_path / "whole"
    with Project.create(whole, tmp_path / "data") as project:
        expected = project.predict(str(tmp_path / "model"))
        np.testing.assert_allclose(made.logits, expected.logits, atol=0.02)


def kill_after_first_shard(folder: Path) -> None:
    """Predict one item at a time with shards after every one, so that a kill falls in the middle."""
    script = (
        "import time, badcase.store.array_shards as shards; shards.EVERY = 0.0\n"
        "from badcase.project import Project\n"
        f"for event in Project.open({str(folder / 'project')!r}).predicting({str(folder / 'model')!r}, batch_size=2):\n"
        "    time.sleep(0.01)\n"
    )
    process = warm.Python("-c", script)
    try:
        end = time.monotonic() + 60
        while len(list(folder.glob("project/predictions/.partial-*/shard-*.npz"))) < 3:
            assert process.poll() is None, "the prediction ended before it could be killed"
            assert time.monotonic() < end
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


MEMORY = '''
import torch
from tests.badcase.models.networks import SmallNet

class Hungry(SmallNet):
    """Has memory for three items at a time, after a few batches when another program has taken the rest."""
    asked = []

    def forward(self, image):
        Hungry.asked.append(len(image))
        if len(image) > 3 and len(Hungry.asked) > 5:
            raise torch.OutOfMemoryError("out of memory")
        return super().forward(image)

class Broken(SmallNet):
    def forward(self, image):
        if len(image) != 2 and len(image) != 16:
            raise RuntimeError("the shapes do not fit")
        return super().forward(image)
'''


def test_when_memory_runs_out_the_batch_is_halved_and_nothing_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hungry_nets.py").write_text(MEMORY)
    monkeypatch.syspath_prepend(str(tmp_path))
    with image_project(tmp_path) as project:
        made, events = collect(project.predicting("hungry_nets:Hungry", batch_size=16))
        assert "batch size is 2" in notices(events)
        assert made.meta["batch_size"] == 2
        from hungry_nets import Hungry  # type: ignore[import-not-found]

        assert Hungry.asked[-10:] == [2] * 10  # it does not go back to what failed
        model = load_model(made.meta["model"], root=project.path)
        expected = model.forward(model.prepare([project.items.image(i) for i in range(3)])).logits
        np.testing.assert_allclose(made.logits[:3], expected.detach(), atol=0.02)


def test_a_network_that_fails_says_so_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken_nets.py").write_text(MEMORY)
    monkeypatch.syspath_prepend(str(tmp_path))
    with image_project(tmp_path) as project:
        with pytest.raises(BadcaseError, match="failed on a batch"):
            project.predict("broken_nets:Broken", batch_size=5)
        assert project.predictions.current is None and project.runs.all() == []


def test_an_item_that_has_gone_is_named_and_does_not_stop_the_rest(tmp_path: Path) -> None:
    with image_project(tmp_path) as project:
        trained_image_model(tmp_path / "model", tmp_path / "data")
        lost = 59
        path = project.items.media(lost).path
        assert path is not None
        path.unlink()
        made, events = collect(project.predicting(str(tmp_path / "model")))
        assert "could not be read" in notices(events)
        np.testing.assert_array_equal(made.logits[lost], 0)
        assert (np.delete(made.logits, lost, 0) != 0).any(1).all()
        Image.new("RGB", (32, 32), "red").save(path)  # it is back
        again = project.predict()
        assert again.logits[lost].any()


def test_texts_come_back_in_their_own_order(tmp_path: Path) -> None:
    """They are batched by length; row i must still be item i."""
    with text_project(tmp_path) as project:
        text_model(tmp_path / "model")
        made = project.predict(str(tmp_path / "model"), batch_size=7)
        model = load_model(str(tmp_path / "model"))
        for i in (0, 13, 50, 89):
            alone = model.forward(model.prepare([project.items.text(i)])).logits[0]
            np.testing.assert_allclose(made.logits[i], alone.detach(), atol=0.02)


def test_a_model_of_the_other_kind_or_of_other_classes_is_refused(tmp_path: Path) -> None:
    text_model(tmp_path / "model")
    with image_project(tmp_path) as project, pytest.raises(BadcaseError):
        project.predict(str(tmp_path / "model"))


def test_a_prediction_set_says_how_it_was_made(tmp_path: Path) -> None:
    with text_project(tmp_path) as project:
        text_model(tmp_path / "model")
        made = project.predict(str(tmp_path / "model"))
        meta = json.loads((made.folder / "meta.json").read_text(encoding="utf-8"))
        assert meta["k"] == 3 and meta["n"] == len(project.items) and meta["d"] == made.embeddings.shape[1]
        assert meta["model"]["kind"] == "hugging_face"
        assert meta["embedding_id"] == load_model(str(tmp_path / "model")).embedding_id
        assert meta["device"] == "cpu" and meta["precision"] in ("float32", "bfloat16")
