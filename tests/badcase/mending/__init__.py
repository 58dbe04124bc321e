"""Damaged projects, and the ways back."""
