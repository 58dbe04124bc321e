"""Ranking: which labels look wrong, most suspect first; from arrays, and the saved ranking of a project."""

from badcase.ranking.ranking import Ranking, log_odds, rank_in_steps

__all__ = ["Ranking", "log_odds", "rank_in_steps"]
