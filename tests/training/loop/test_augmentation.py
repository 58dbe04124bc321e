"""A batch is changed as its knobs say, its labels and masks are not, and no two times alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from badcase.errors import BadcaseError
from badcase.training.data.batches import Batch, Batches
from badcase.training.data.training_set import TrainingRows, chances
from badcase.training.loop.augmentation import augmented
from badcase.training.recipe import Recipe

IMAGES = torch.arange(2 * 3 * 8 * 8, dtype=torch.float32).view(2, 3, 8, 8)


def seen(recipe: Recipe, images: Tensor = IMAGES, **inputs: Tensor) -> Batch:
    b = len(images)
    batch = Batch({"pixel_values": images} | inputs, torch.arange(b) % 3, torch.ones(b), np.arange(b))
    return augmented(batch, recipe, 3)


def test_images_are_mirrored_or_shifted_and_what_is_no_image_stays() -> None:
    mask = torch.ones(2, 5)
    assert seen(Recipe()).inputs["pixel_values"] is IMAGES
    torch.manual_seed(1)
    mirrored = [seen(Recipe(flip=True)).inputs["pixel_values"][0] for _try in range(8)]
    assert any(torch.equal(one, IMAGES[0].flip(2)) for one in mirrored)
    assert all(torch.equal(one, IMAGES[0]) or torch.equal(one, IMAGES[0].flip(2)) for one in mirrored)
    moved = seen(Recipe(crop=0.25), attention_mask=mask).inputs
    assert moved["pixel_values"].shape == IMAGES.shape
    assert set(moved["pixel_values"].unique().tolist()) <= set(IMAGES.unique().tolist())
    assert moved["attention_mask"] is mask


def test_light_varies_within_its_share_and_leaves_what_lies_where_it_is() -> None:
    torch.manual_seed(0)
    lit = seen(Recipe(jitter=0.3), IMAGES.repeat(50, 1, 1, 1)).inputs["pixel_values"]
    spread = lit.std((1, 2, 3)) / IMAGES.repeat(50, 1, 1, 1).std((1, 2, 3))
    assert 0.7 <= spread.min() < 0.8 and 1.2 < spread.max() <= 1.3
    assert (lit[0].flatten().argsort() == IMAGES[0].flatten().argsort()).all()


def test_a_box_of_the_chosen_share_of_images_is_erased() -> None:
    torch.manual_seed(0)
    images = torch.randn(400, 1, 32, 32)
    made = seen(Recipe(erase=0.5), images).inputs["pixel_values"]
    changed = (made != images).flatten(1).float().mean(1)
    assert 0.4 < (changed > 0).float().mean() < 0.6
    assert changed[changed > 0].min() > 0.01 and changed.max() < 0.4
    assert all(len(one[one != two].unique()) <= 1 for one, two in zip(made, images, strict=True))


def test_mixed_images_teach_what_they_are_mixed_of_and_their_own_class_most() -> None:
    torch.manual_seed(0)
    images = torch.eye(3).repeat(20, 1)[:, :, None, None].repeat(1, 1, 4, 4)  # the channel says the class
    made = seen(Recipe(mixup=0.4), images)
    assert made.targets is not None
    torch.testing.assert_close(made.inputs["pixel_values"][:, :, 0, 0], made.targets)
    assert (made.targets.argmax(1) == made.labels).all() and (made.targets.max(1).values < 0.99).any()


def test_a_share_of_the_tokens_is_hidden_but_never_the_first() -> None:
    mask = torch.ones(200, 50, dtype=torch.long)
    mask[:, 40:] = 0  # padding stays hidden
    batch = Batch({"input_ids": mask, "attention_mask": mask}, torch.zeros(200).long(), torch.ones(200), np.arange(200))
    made = augmented(batch, Recipe(token_drop=0.2), 3).inputs
    assert made["input_ids"] is mask and made["attention_mask"].dtype == mask.dtype
    assert (made["attention_mask"][:, 0] == 1).all() and (made["attention_mask"][:, 40:] == 0).all()
    assert 0.17 < 1 - made["attention_mask"][:, 1:40].float().mean() < 0.23
    with pytest.raises(BadcaseError, match="token_drop"):
        seen(Recipe(token_drop=0.1))


def drawn(sampling: str, seed: int = 0) -> np.ndarray:
    labels = np.repeat([0, 1, 2], [400, 80, 16])
    rows = TrainingRows(np.arange(496), labels)
    batches = Batches(
        rows,
        lambda items: {"x": torch.from_numpy(items)},
        32,
        torch.device("cpu"),
        seed=seed,
        chances=chances(labels, Recipe(sampling=sampling)),
    )
    return np.concatenate([batch.places for batch in batches.epoch(1)])


def test_balanced_sampling_shows_every_class_as_often_in_an_epoch_as_long_as_ever() -> None:
    labels = np.repeat([0, 1, 2], [400, 80, 16])
    assert sorted(drawn("shuffled")) == list(range(496))
    balanced, root = np.bincount(labels[drawn("balanced")]), np.bincount(labels[drawn("sqrt")])
    assert balanced.sum() == root.sum() == 496
    assert balanced.min() > 130 and balanced[2] > root[2] > 16
    np.testing.assert_array_equal(drawn("balanced"), drawn("balanced"))
    assert (drawn("balanced") != drawn("balanced", seed=1)).any()
