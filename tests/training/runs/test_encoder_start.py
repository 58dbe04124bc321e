"""An encoder without a classifier from the first prediction to a trained network that stands alone."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import torch

from badcase.models import LinearHead, load_model
from badcase.prediction.predict import predict
from badcase.progress import Job, Notice, finish
from badcase.training.recipe import Recipe
from badcase.training.runs.accept import accept_in_steps
from badcase.training.runs.train import train_in_steps
from tests.badcase.models.networks import TEXT_ARCHITECTURES, WORDS, tokenizer
from tests.badcase.prediction.projects import text_project

QUICK = Recipe(epochs=2, freeze="nothing", learning_rate=3e-3, batch_size=16)


def told(job: Job[Any]) -> tuple[Any, list[str]]:
    """What a job returns, and its notices."""
    said: list[str] = []
    while True:
        try:
            step = next(job)
        except StopIteration as end:
            return end.value, said
        said += [step.text] if isinstance(step, Notice) else []


def test_an_encoder_predicts_through_a_head_and_is_trained_whole(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(WORDS), **TEXT_ARCHITECTURES["Bert"])).save_pretrained(tmp_path / "model")
    tokenizer().save_pretrained(tmp_path / "model")
    with text_project(tmp_path) as project:
        made, said = told(predict(project, str(tmp_path / "model")))
        assert any("holds no classifier" in text for text in said)
        assert made.meta["kind"] == "linear_head" and made.meta["k"] == 3
        assert made.meta["accuracy"] > 0.5  # of three classes: the head was fitted, not drawn
        again = finish(predict(project))
        np.testing.assert_array_equal(np.asarray(again.embeddings), np.asarray(made.embeddings))

        run, said = told(train_in_steps(project, QUICK, start="pretrained"))
        assert any("hold no classifier: the head is new" in text for text in said)
        finish(accept_in_steps(project, run.id))
        shutil.rmtree(tmp_path / "model")  # what was trained stands alone
        model = load_model(project.path / "runs" / str(run.id) / "model", classes=project.classes)
        assert isinstance(model, LinearHead)
        finish(predict(project))
