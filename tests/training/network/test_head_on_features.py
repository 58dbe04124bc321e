"""The linear head: as good as scikit-learn's logistic regression on real embeddings with real wrong labels."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from badcase.progress import finish
from badcase.training.data.batches import Batches, Splits
from badcase.training.data.training_set import TrainingRows
from badcase.training.loop.fit import fit, predict
from badcase.training.metrics.single_label import item_losses
from badcase.training.network.head_on_features import HeadNetwork, StoredFeatures
from badcase.training.network.trainee import Trainee
from badcase.training.recipe import PRESETS
from badcase.training.run_folder.run import Run

RECIPE = PRESETS["linear-head"]


def logits_of_our_head(
    folder: Path, features: np.ndarray, labels: np.ndarray, parts: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> np.ndarray:
    train, validation, test = (TrainingRows(np.sort(part), labels[np.sort(part)]) for part in parts)
    stored, device, k = StoredFeatures(features, train), torch.device("cpu"), int(labels.max()) + 1
    network = HeadNetwork(features.shape[1], k, 0.0)
    trainee = Trainee(network, network.linear, lambda inputs: network(**inputs), k, device)
    splits = Splits(
        Batches(train, stored.fetch, RECIPE.batch_size, device, seed=0), Batches(validation, stored.fetch, 1024, device)
    )
    finish(fit(trainee, splits, RECIPE, Run.begin(folder, RECIPE)))
    return finish(predict(trainee, Batches(test, stored.fetch, 1024, device), "test"))


@pytest.mark.parametrize(("name", "column"), [("noisyag_human", "label_human"), ("thucnews_zh", "label_idn20")])
def test_the_head_is_as_good_as_logistic_regression_on_noisy_labels(
    name: str, column: str, shared_data: Path, tmp_path: Path
) -> None:
    features = np.load(shared_data / f"{name}_features.npz")["features"].astype(np.float32)
    with gzip.open(shared_data / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    names = {label: i for i, label in enumerate(sorted({row["label"] for row in rows}))}
    given = np.array([names[row[column]] for row in rows])
    truth = np.array([names[row["label"]] for row in rows])
    order = np.random.default_rng(0).permutation(len(given))
    train, validation, test = np.split(order, [len(order) * 7 // 10, len(order) * 8 // 10])
    ours = logits_of_our_head(tmp_path, features, given, (train, validation, test))
    test = np.sort(test)
    both = np.concatenate([train, validation])  # it gets the validation items too, which ours only looks at
    scaled = features - features[both].mean(0)
    scaled /= np.sqrt(np.square(scaled[both]).sum(1).mean())
    theirs = LogisticRegression(C=10, max_iter=300).fit(scaled[both], given[both]).predict_log_proba(scaled[test])
    accuracy = [(logits.argmax(1) == truth[test]).mean() for logits in (ours, theirs)]
    loss = [item_losses(logits, truth[test]).mean() for logits in (ours, theirs)]
    print(f"{name}: accuracy {accuracy[0]:.4f} against {accuracy[1]:.4f}, log loss {loss[0]:.4f} against {loss[1]:.4f}")
    assert accuracy[0] >= accuracy[1] - 0.01 and loss[0] <= loss[1] + 0.02


def test_a_head_survives_the_change_of_scale() -> None:
    rng = np.random.default_rng(0)
    embeddings = (rng.normal(size=(50, 6)) * 40 + 7).astype(np.float16)
    stored = StoredFeatures(embeddings, TrainingRows(np.arange(40), np.zeros(40, np.int64)))
    layer = torch.nn.Linear(6, 3)
    weight, bias = stored.unscaled(layer)
    with torch.no_grad():
        wanted = layer(stored.fetch(np.arange(50))["features"])
    ours = torch.from_numpy(embeddings.astype(np.float32)) @ weight.T + bias
    torch.testing.assert_close(ours, wanted, atol=1e-3, rtol=1e-3)
    back = stored.scaled(weight, bias)
    torch.testing.assert_close(back["weight"], layer.weight.detach())
    torch.testing.assert_close(back["bias"], layer.bias.detach())
