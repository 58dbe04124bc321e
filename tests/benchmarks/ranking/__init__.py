"""How well wrong labels are found, cleanlab and doubtlab beside ours: python -m tests.benchmarks.ranking."""

from tests.benchmarks.ranking.cases import DATA, Case, cases, logistic, out_of_fold

__all__ = ["DATA", "Case", "cases", "logistic", "out_of_fold"]
