"""Whose code may run: what a project, model folder or recipe names is asked for here, right before it is imported.

`foreign_code` says which code a name means, and its digest, without importing it; `gate` asks whether this person trusts it in
this project, and keeps the answers in the person's settings; `verified_import` imports exactly what was asked for.
"""
