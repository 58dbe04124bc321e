"""One installed name: the folders `training` and `ui` are installed as `badcase.training` and `badcase.ui`."""

from setuptools import find_packages, setup

INSIDE = {"badcase.training": "training", "badcase.ui": "ui"}

packages = find_packages(include=["badcase", "badcase.*"])
for name, folder in INSIDE.items():
    packages += [name, *(f"{name}.{room}" for room in find_packages(folder))]

setup(packages=packages, package_dir={"badcase": "badcase", **INSIDE})
