"""List what is installed for a Python program: a script for that program's own interpreter.

Standard library only, because it runs in the program's environment and not in ours; it prints one
JSON object. What counts as a Pulumi package follows the official host
(https://github.com/pulumi/pulumi/tree/master/sdk/python/cmd/pulumi-language-python):
``pulumi-plugin.json`` in the package's module, or a name that starts with ``pulumi-``.
"""

import importlib.util
import json
import re
from importlib import metadata
from pathlib import Path

# They carry the prefix but no resource plugin.
_WITHOUT_PLUGIN = {"pulumi-policy", "pulumi-esc-sdk", "pulumi-auto-deploy"}
_PRE_RELEASE = {"a": "alpha", "b": "beta", "rc": "rc"}


def normalized(name: str) -> str:
    """The name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def semantic(version: str) -> str:
    """A version of PEP 440 as plugins write theirs: ``1.2.0a3`` is ``v1.2.0-alpha.3``."""
    match = re.match(r"(\d+(?:\.\d+)*)(?:(a|b|rc)(\d+))?", version)
    if match is None:
        return ""
    numbers = [*match[1].split("."), "0", "0"][:3]
    suffix = f"-{_PRE_RELEASE[match[2]]}.{match[3]}" if match[2] else ""
    return f"v{'.'.join(numbers)}{suffix}"


def plugin_file(name: str) -> dict[str, object] | None:
    """The content of ``pulumi-plugin.json`` in the module that a package's name stands for."""
    try:
        module = importlib.util.find_spec(name.replace("-", "_"))
    except (ImportError, ValueError):
        return None
    for folder in (module.submodule_search_locations or ()) if module else ():
        path = Path(folder) / "pulumi-plugin.json"
        if path.is_file():
            content: dict[str, object] = json.loads(path.read_text())
            return content
    return None


def pulumi_package(name: str, version: str) -> dict[str, str] | None:
    """What the engine must know of a package, or None if it needs no plugin."""
    plugin = plugin_file(name)
    if plugin is None and (not name.startswith("pulumi-") or name in _WITHOUT_PLUGIN):
        return None
    plugin = {"resource": True} if plugin is None else plugin
    if not plugin.get("resource"):
        return None
    plugin_version = str(plugin.get("version") or semantic(version))
    return {
        "name": str(plugin.get("name") or name.removeprefix("pulumi-")),
        "version": plugin_version if plugin_version[:1] in ("v", "") else f"v{plugin_version}",
        "server": str(plugin.get("server") or ""),
    }


def main() -> None:
    """Print every installed package, and those that need a plugin."""
    installed = {
        normalized(each.metadata["Name"]): each.version
        for each in metadata.distributions()
        if each.metadata["Name"]
    }
    found = (pulumi_package(name, version) for name, version in sorted(installed.items()))
    answer = {"installed": installed, "pulumi": [each for each in found if each]}
    print(json.dumps(answer))  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()
