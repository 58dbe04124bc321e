"""What a model sees in a picture or words that are no item lies where the items like them do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from badcase.errors import BadcaseError
from badcase.maps.likeness import Likeness
from badcase.prediction.asked_items import embedding
from badcase.progress import finish
from tests.badcase.prediction.projects import predicted_images, text_project


def test_a_text_is_embedded_as_an_item_and_words_find_the_texts_they_are_in(tmp_path: Path) -> None:
    with text_project(tmp_path) as project:
        made = project.predict("chargrams")
        own = finish(embedding(project, project.items.text(7)))
        assert own @ made.directions(np.array([7]))[0] > 0.99
        found = Likeness(made).like_direction(finish(embedding(project, "a bowl of hot soup")), 10)
        assert all("soup" in project.items.text(item) for item in found.items[:5].tolist())


def test_a_picture_is_embedded_as_an_item_and_one_that_is_none_is_refused(tmp_path: Path) -> None:
    with predicted_images(tmp_path) as project:
        made = project.predictions.current
        assert made is not None
        path = tmp_path / "asked.png"
        project.items.image(3).save(path)
        assert finish(embedding(project, path)) @ made.directions(np.array([3]))[0] > 0.99
        Image.new("RGB", (40, 30), (210, 50, 40)).save(path)
        found = Likeness(made).like_direction(finish(embedding(project, str(path))), 10)
        assert all(project.classes[project.given[item]] == "red" for item in found.items.tolist())
        path.write_bytes(b"no picture at all")
        with pytest.raises(BadcaseError):
            finish(embedding(project, path))
        with pytest.raises(BadcaseError, match="cannot be read"):
            finish(embedding(project, tmp_path / "gone.png"))


def test_predictions_from_a_file_know_no_model_that_could_look(tmp_path: Path) -> None:
    with text_project(tmp_path) as project:
        n = len(project.items)
        project.bring_predictions(np.full((n, 3), 1 / 3), features=np.eye(n, 8, dtype=np.float32) + 1, trained_on="none")
        with pytest.raises(BadcaseError, match="no model is there"):
            finish(embedding(project, "soup"))
