"""The layers hold: who may import whom, what the core may not touch, and what a start may not load."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.actions.world import made_world

SOURCE = Path(__file__).parents[1] / "src"
MODULES = sorted((SOURCE / "workflowops").rglob("*.py"))

# What each part may import of our own, besides itself. `errors` may import nothing of ours.
ARROWS = {
    "errors": set(),
    "schemas": {"errors"},
    "core": {"errors", "schemas"},
    "io": {"core", "errors"},
    "sandbox": {"core", "errors"},
    "commands": {"core", "errors", "schemas"},
    "cli": {"commands", "io", "core", "errors", "schemas", "sandbox"},
    "__main__": {"cli"},
    "__init__": set(),
}
# Everything that reaches the world, or answers differently the second time.
TOUCHES = {
    "asyncio", "concurrent", "ctypes", "fcntl", "getpass", "glob", "http", "httpx", "locale", "logging",
    "multiprocessing", "os", "pathlib", "platform", "queue", "random", "requests", "secrets", "shutil",
    "signal", "socket", "subprocess", "sys", "tempfile", "threading", "time", "urllib3",
}  # fmt: skip
TOUCHING_CALLS = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}
TOUCHING_METHODS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")} | {
    ("uuid", name) for name in ("uuid1", "uuid4", "getnode")
}
# Needed by some commands only: not one of them may be loaded before its command runs.
HEAVY = {"httpx", "httpcore", "yaml", "jsonschema", "deepdiff", "detect_secrets", "github", "requests"}


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a module imports, absolute, with its line."""

    name: str
    line: int


def part_of(module: str) -> str:
    """Answer the layer of `workflowops.<layer>[...]`; `__init__` for the package itself."""
    return [*module.split("."), "__init__"][1]


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def imports_of(source: str, *, module: str, is_package: bool = False) -> Iterator[Import]:
    """Every import, also those inside functions and under TYPE_CHECKING; relative ones made absolute."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                anchor = module.split(".")[: None if is_package and node.level == 1 else is_package - node.level]
                base = ".".join([*anchor, *base.split(".")]).rstrip(".")
            # `from workflowops import io` names a layer in the second half.
            yield from (
                Import(f"{base}.{alias.name}" if base == "workflowops" else base, node.lineno) for alias in node.names
            )


def wrong_arrows(source: str, *, module: str, is_package: bool = False) -> list[str]:
    """Name every import of our own that the layer of `module` may not make."""
    layer = part_of(module)
    allowed = ARROWS[layer] | {layer, "__version__"}
    return [
        f"{module}:{found.line} imports {found.name}"
        for found in imports_of(source, module=module, is_package=is_package)
        if found.name.split(".")[0] == "workflowops" and (found.name + ".").split(".")[1] not in allowed
    ]


def touches(source: str, *, module: str) -> list[str]:
    """Name everything in a core module that reads or changes the world outside its arguments."""
    found = [
        f"{module}:{entry.line} imports {entry.name}"
        for entry in imports_of(source, module=module)
        if entry.name.split(".")[0] in TOUCHES
    ]
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in TOUCHING_CALLS:
                found.append(f"{module}:{node.lineno} calls {name}")
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in TOUCHING_METHODS:
                found.append(f"{module}:{node.lineno} uses {owner}.{name}")
            case ast.ImportFrom(module="uuid", names=names):
                found += [
                    f"{module}:{node.lineno} uses {a.name}" for a in names if ("uuid", a.name) in TOUCHING_METHODS
                ]
            case _:
                pass
    return found


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_import_follows_the_arrows(path) -> None:
    source = path.read_text(encoding="utf-8")
    assert wrong_arrows(source, module=module_name(path), is_package=path.name == "__init__.py") == []


@pytest.mark.parametrize("path", [path for path in MODULES if "core" in path.parts], ids=module_name)
def test_the_core_touches_nothing(path) -> None:
    assert touches(path.read_text(encoding="utf-8"), module=module_name(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_every_module_says_in_one_line_what_it_is(path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "the module has no docstring"
    assert docstring.splitlines()[0].endswith("."), "its first line is not a sentence"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("workflowops.commands.drift", "from workflowops.io.n8n import client", id="commands to io"),
        pytest.param("workflowops.commands.drift", "import workflowops.io.state", id="plain import"),
        pytest.param("workflowops.commands.drift", "from workflowops import io", id="layer as a name"),
        pytest.param(
            "workflowops.core.drift", "def f():\n    from workflowops.commands import drift", id="in a function"
        ),
        pytest.param("workflowops.core.drift", "from ..io import git", id="relative"),
        pytest.param("workflowops.core.text.drift", "from ...cli import main", id="relative from deeper"),
        pytest.param(
            "workflowops.core.drift", "if TYPE_CHECKING:\n    from workflowops.io import git", id="for types alone"
        ),
        pytest.param("workflowops.io.git", "from workflowops.commands.ports import StateView", id="io to commands"),
        pytest.param("workflowops.errors", "from workflowops.core.json import Json", id="errors to core"),
        pytest.param("workflowops.sandbox.server", "from workflowops.io.git import run", id="sandbox to io"),
        pytest.param("workflowops.commands.demo", "from workflowops.sandbox import Sandbox", id="commands to sandbox"),
    ],
)
def test_a_wrong_arrow_is_seen(module, source) -> None:
    assert len(wrong_arrows(source, module=module)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("workflowops.cli.drift", "from workflowops.io.n8n import client", id="cli to io"),
        pytest.param("workflowops.core.diff", "from .json import Json", id="relative within the layer"),
        pytest.param("workflowops.core.diff", "import json\nfrom datetime import datetime", id="standard library"),
        pytest.param("workflowops.io.n8n.client", "from workflowops import __version__", id="the version"),
    ],
)
def test_a_right_arrow_is_let_through(module, source) -> None:
    assert wrong_arrows(source, module=module) == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("import os.path", id="module"),
        pytest.param("from pathlib import Path", id="from"),
        pytest.param("def f():\n    import subprocess", id="in a function"),
        pytest.param("text = open('x').read()", id="open"),
        pytest.param("now = datetime.now(tz=UTC)", id="clock"),
        pytest.param("from uuid import uuid4", id="random identifier"),
        pytest.param("print('x')", id="print"),
    ],
)
def test_a_touch_is_seen(source) -> None:
    assert len(touches(source, module="workflowops.core.drift")) == 1


def loaded_modules(arguments: list[str], *, folder: Path, variables: Mapping[str, str] | None = None) -> set[str]:
    """Run the command line in a process of its own; answer the names of all modules that it had loaded at its end."""
    program = (
        "import atexit, sys\n"
        "atexit.register(lambda: sys.stderr.write('\\nLOADED ' + ' '.join(sorted(sys.modules))))\n"
        "from workflowops.cli import main\n"
        f"sys.exit(main({arguments!r}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=folder,
        env={**(variables or os.environ), "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]], ids=" ".join)
def test_help_loads_nothing_heavy(arguments, tmp_path) -> None:
    loaded = loaded_modules(arguments, folder=tmp_path)
    assert "workflowops.cli" in loaded
    assert loaded & HEAVY == set()


def test_drift_that_finds_nothing_does_not_load_what_finds_differences(tmp_path) -> None:
    with made_world(tmp_path) as world:
        folder, variables = world.repository.clone, world.variables
        for arguments in (["onboard", "--all", "--direct"], ["baseline"]):
            loaded_modules(arguments, folder=folder, variables=variables)
        loaded = loaded_modules(["drift", "--fail-on-drift"], folder=folder, variables=variables)
    assert "httpx" in loaded
    assert loaded & {"deepdiff", "detect_secrets", "github", "requests"} == set()
