"""The program as people install it: built from its own source archive, away from the checkout."""

import ast
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import crm_sync

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

# Never imported by us: zoneinfo finds time zones by itself, uvicorn brings its parser's protocol.
FOUND_BY_NAME = {"tzdata", "httptools"}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(target: str, source: Path, folder: Path) -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", target, "-d", folder, cwd=source)
    (built,) = folder.iterdir()
    return built


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return sorted(archive.namelist())


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel that was built from the source archive, as a packager would."""
    sdist = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(unpacked, filter="data")
    (source,) = unpacked.iterdir()
    return build("wheel", source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the bin folder of a fresh environment, in a path with a space, that has the wheel.

    The dependencies are those of the environment that runs the tests, so that nothing is
    downloaded: a .pth file shows them to the fresh one, where an editable install stays unseen.
    """
    folder = tmp_path_factory.mktemp("installed") / "a folder"
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=tmp_path_factory.getbasetemp())
    python = folder / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", str(python), "install")
    run(*pip, "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "bin"


def files_below(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(
        path.relative_to(folder).as_posix() for path in paths if "__pycache__" not in path.parts
    )


def test_wheel_from_the_source_archive_equals_the_wheel_from_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    assert names_in(wheel) == names_in(build("wheel", ROOT, tmp_path))


def test_wheel_holds_the_package_its_types_and_its_licence_and_nothing_else(wheel: Path) -> None:
    names = names_in(wheel)
    info = f"crm_sync-{crm_sync.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"crm_sync", info}
    assert {"crm_sync/py.typed", f"{info}/licenses/LICENSE"} <= set(names)


def test_installed_command_says_its_version(installed: Path, tmp_path: Path) -> None:
    said = run(installed / "crm-sync", "--version", cwd=tmp_path)
    assert crm_sync.__version__ in said


@pytest.mark.parametrize(
    ("name", "in_checkout"),
    [
        ("sheets_templates", ROOT / "sheets_templates"),
        ("demo_data", ROOT / "crm_sync" / "demo_data"),
        ("locale", ROOT / "crm_sync" / "locale"),
    ],
)
def test_installed_program_finds_every_file_that_came_with_it(
    installed: Path, tmp_path: Path, name: str, in_checkout: Path
) -> None:
    code = f"from crm_sync.resources import resource; print(resource({name!r}))"
    found = Path(run(installed / "python", "-c", code, cwd=tmp_path).strip())
    assert found.is_relative_to(installed.parent)
    assert files_below(found) == files_below(in_checkout)
    assert files_below(found) != []


def test_templates_exist_in_each_language_for_the_same_tabs() -> None:
    tabs = {
        language: {path.stem for path in (ROOT / "sheets_templates" / language).glob("*.toml")}
        for language in ("en", "ru")
    }
    assert tabs["en"] == tabs["ru"]
    assert {"clients", "contacts", "agreements"} <= tabs["en"]


def test_missing_folder_is_reported_with_what_to_do(tmp_path: Path) -> None:
    source = (ROOT / "crm_sync" / "resources.py").read_text(encoding="utf-8")
    alone = tmp_path / "crm_sync" / "resources.py"
    alone.parent.mkdir()
    alone.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("resources_alone", alone)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with pytest.raises(FileNotFoundError, match=r"demo_data .* missing .* Install crm-sync again"):
        module.resource("demo_data")


OPTIONAL = [
    name
    for extra, names in PROJECT["optional-dependencies"].items()
    if extra not in ("dev", "bench")
    for name in names
]
"""What an installation may do without."""


def distribution(name: str) -> str:
    """Return the name of a requirement as the package index compares names, in small letters."""
    match = re.match(r"[A-Za-z0-9._-]+", name)
    assert match is not None
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def imported_distributions() -> dict[str, set[str]]:
    """Return each outside module that crm_sync imports, with the distributions that provide it."""
    providers = importlib.metadata.packages_distributions()
    tops: set[str] = set()
    for path in (ROOT / "crm_sync").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                tops |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                tops.add(str(node.module).split(".")[0])
    outside = tops - sys.stdlib_module_names - {"crm_sync"}
    return {top: {distribution(name) for name in providers.get(top, [top])} for top in outside}


def test_each_outside_import_is_a_declared_dependency() -> None:
    declared = {distribution(name) for name in [*PROJECT["dependencies"], *OPTIONAL]}
    imported = imported_distributions()
    assert sorted(top for top, names in imported.items() if not names & declared) == []


def test_each_declared_dependency_is_in_use() -> None:
    declared = {distribution(name) for name in [*PROJECT["dependencies"], *OPTIONAL]}
    used = set[str]().union(*imported_distributions().values())
    assert sorted(declared - used - FOUND_BY_NAME) == []


def test_each_dependency_is_explained_in_the_documentation() -> None:
    extras = PROJECT["optional-dependencies"].values()
    declared = [*PROJECT["dependencies"], *(name for extra in extras for name in extra)]
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {distribution(name) for name in re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)}
    assert {distribution(name) for name in declared} == explained
