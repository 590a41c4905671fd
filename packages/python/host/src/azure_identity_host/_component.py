"""The provider component, compiled once for each file and process."""

from functools import lru_cache
from pathlib import Path
from typing import Optional

from wasmtime import Engine
from wasmtime.component import Component


def compiled(path: Optional[str]) -> tuple[Engine, Component]:
    """The component of a file, or of this package."""
    return _compiled(path or str(packaged()))


def packaged() -> Path:
    """The provider in this package; in a checkout of the source, the one that ``cargo components`` builds."""
    here = Path(__file__).resolve()
    path = here.with_name("azure-identity.wasm")
    if path.is_file():
        return path
    checkout = here.parents[5] / "target/components/azure-identity.wasm" if len(here.parents) > 5 else path
    if checkout.is_file():
        return checkout
    raise FileNotFoundError(f"{path} is missing: this is not the package of a release; name a file with component=")


@lru_cache(maxsize=4)
def _compiled(path: str) -> tuple[Engine, Component]:
    engine = Engine()
    return engine, Component.from_file(engine, path)
