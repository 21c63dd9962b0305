"""Writing the status page: a reader sees the old one or the new one, never half of one."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from workflowops.errors import ConfigurationError

NAME = "index.html"


def write_page(folder: Path, content: str) -> Path:
    """Write `index.html` into a folder, which is made where it is absent, and answer its path.

    Raises ConfigurationError where nothing can be written there; then the page is as it was.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=".", suffix=".new", delete=False) as file:
            written = Path(file.name)
        try:
            written.write_text(content, encoding="utf-8", errors="replace")
            written.chmod(0o644)
            written.replace(path)
        finally:
            written.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}.", fix="Pass a folder of yours to --html."
        ) from error
    return path
