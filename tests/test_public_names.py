"""The public names of the packages: each is there, is documented, and costs nothing before it is used."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "indexer", "searcher")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_can_be_imported(package: str) -> None:
    """Each name of `__all__` resolves to the object of that name, and no name is listed twice."""
    module = importlib.import_module(package)
    for name in module.__all__:
        exported = getattr(module, name)
        assert getattr(exported, "__name__", name) == name
    assert len(module.__all__) == len(set(module.__all__))


def test_unknown_name_is_an_attribute_error() -> None:
    """A misspelt name fails as in any module."""
    with pytest.raises(AttributeError, match="module 'searcher' has no attribute 'Seracher'"):
        importlib.import_module("searcher").Seracher  # noqa: B018


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_typed(package: str) -> None:
    """A py.typed file lies in each package, and is installed with it."""
    assert (ROOT / package / "py.typed").exists()
    assert f"{package} = py.typed" in (ROOT / "setup.cfg").read_text("utf-8")


def test_importing_a_package_loads_nothing_else() -> None:
    """`import searcher` loads the packages' own files only; each name is loaded when it is first used."""
    program = (
        "import sys; import searcher; print(*(name for name in sys.modules if name.startswith(('corpus', 'ind'))))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert run.stdout.split() == ["corpus"]
