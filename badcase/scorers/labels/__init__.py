"""Scorers that look at labels against what models and neighbours say."""
