"""Parquet, Arrow and Feather files of strangers: bounded, tried by a process of their own, opened and checked."""
