"""Reviewers of the same items: how far they agree, what they say together, and how good each is."""

from badcase.reviewers.kappa import Agreement, agreement
from badcase.reviewers.quality import Consensus, consensus, disagreements, for_second

__all__ = ["Agreement", "Consensus", "agreement", "consensus", "disagreements", "for_second"]
