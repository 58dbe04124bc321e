"""Prints what knowing the truth would reach at most: python -m tests.benchmarks.ranking.ceiling.

published: AP of a logistic regression that is taught, on other folds, which labels are wrong, from the published
probabilities and the given label; beside the ranking, which is taught nothing. queue: reviews to 80, 90 and 95 % of the
errors, by those of the ranking's own order, where classifiers on the same features learn all true labels of the other
folds and the true noise matrix is known: what a queue comes to that has learnt all there is to learn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from badcase import out_of_sample, rank
from tests.benchmarks.ranking.cases import Case, Published, cases, published
from tests.benchmarks.ranking.measures import ordering

_TINY = 1e-6


def taught(one: Published) -> NDArray[np.float64]:
    """Log odds (n,) that each label is wrong, from a model that was told so of the other folds."""
    rows, k = np.arange(len(one.labels)), one.probs.shape[1]
    logs = np.log(one.probs + _TINY)
    others = logs.copy()
    others[rows, one.labels] = -np.inf
    best = np.sort(others, axis=1)[:, :-4:-1]
    classes = np.eye(k)
    seen = np.concatenate([logs, logs[rows, one.labels][:, None], best, classes[one.labels], classes[others.argmax(1)]], axis=1)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    odds: NDArray[np.float64] = cross_val_predict(
        LogisticRegression(C=0.3, max_iter=1_000), seen, one.wrong, cv=folds, method="decision_function"
    )
    return odds


def knowing(case: Case) -> NDArray[np.float64]:
    """Log odds (n,) that each label is wrong, from classifiers of the truth and the true noise matrix."""
    k = int(max(case.labels.max(), case.true.max())) + 1
    probs = out_of_sample(case.features, case.true, classes=k).astype(np.float64)
    noise = np.full((k, k), _TINY)
    np.add.at(noise, (case.true, case.labels), 1)
    noise /= noise.sum(1, keepdims=True)
    posterior = probs * noise.T[case.labels]
    right = posterior[np.arange(len(probs)), case.labels]
    return np.log(posterior.sum(1) - right + 1e-12) - np.log(right + 1e-12)


def main() -> None:
    print("published: AP of the ranking, and of a model taught the truth")
    for one in published():
        ours = ordering(one.wrong, rank(one.labels, one.probs).suspicion).ap
        print(f"  {one.name:24} {ours:.3f} {ordering(one.wrong, taught(one)).ap:.3f}", flush=True)
    print("queue: AP of the ranking, and knowing the truth; reviews to 80, 90, 95 % by those of the ranking's order")
    shares = []
    for case in cases():
        own, best = ordering(case.wrong, rank(case.labels, features=case.features).suspicion), ordering(case.wrong, knowing(case))
        shares.append(np.array(best.reviews) / np.array(own.reviews))
        print(f"  {case.name:24} {own.ap:.3f} {best.ap:.3f}   {' '.join(f'{share:.2f}' for share in shares[-1])}", flush=True)
    print(f"  {'mean':24}               {' '.join(f'{share:.2f}' for share in np.mean(shares, axis=0))}")


if __name__ == "__main__":
    main()
