"""Which effects the operator's source knows, so that none can be forgotten.

A site is the text that the door for effects is given. Where a function hands its own parameter
`site` on, whoever calls that function names the site.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import thegrid_operator

SOURCE = Path(thegrid_operator.__file__).parent
DOORS = {"effects", "_effects", "finish", "door"}
_PARAMETER = "site"
_ANYTHING = r"[\w.-]+"


class Unreadable(Exception):
    """A call of the door whose site cannot be told."""


@dataclass(frozen=True)
class Site:
    """One call site.

    Attributes:
        pattern: What its name matches; a part that is filled in matches anything.
        where: File and line.
    """

    pattern: str
    where: str

    def is_named(self, name):
        return re.fullmatch(self.pattern, name) is not None


def sites_of(source=SOURCE):
    """Return every call site in the operator's source.

    Raises:
        Unreadable: A call's site cannot be told.
    """
    trees = {path: ast.parse(path.read_text()) for path in sorted(source.rglob("*.py"))}
    handing_on, found = {}, set()
    for path, tree in trees.items():
        if path.name == "effects.py":
            continue  # the door itself
        for function in _functions(tree):
            for call in (it for it in _calls(function) if _name_of(it) in DOORS):
                position = _position(function, call, path)
                if position is None:
                    found.add(_site(call, 0, path))
                else:
                    handing_on[path, function.name] = position
    for path, tree in trees.items():
        found |= {_site(*named, path) for named in _naming(path, tree, handing_on)}
    return sorted(found, key=lambda site: site.where)


def _naming(path, tree, handing_on):
    """Yield calls of functions that hand a site on, and which argument is the site."""
    own = {function.name for function in _functions(tree)}
    for call in (it for it in ast.walk(tree) if isinstance(it, ast.Call)):
        name = _name_of(call)
        for (of, handing), position in handing_on.items():
            if handing == name and (of == path or name not in own):
                yield call, position


def _site(call, position, path):
    return Site(_pattern(call.args[position], path), _where(path, call))


def _functions(tree):
    return [it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef)]


def _calls(function):
    """Return a function's own calls, those of functions within it left out."""
    inner = {id(it) for each in ast.walk(function) if each is not function
             and isinstance(each, ast.FunctionDef) for it in ast.walk(each)}  # fmt: skip
    return [it for it in ast.walk(function) if isinstance(it, ast.Call) and id(it) not in inner]


def _name_of(call):
    func = call.func
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _position(function, call, path):
    """Tell which argument is handed on as the site, or None where the site is said here."""
    if not call.args:
        raise Unreadable(f"{_where(path, call)}: the site must be the first argument")
    first = call.args[0]
    if not isinstance(first, ast.Name):
        return None
    names = [it.arg for it in function.args.args if it.arg not in ("self", "cls")]
    if first.id != _PARAMETER or first.id not in names:
        raise Unreadable(f"{_where(path, call)}: {first.id} is no parameter named {_PARAMETER}")
    return names.index(first.id)


def _pattern(node, path):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            re.escape(it.value) if isinstance(it, ast.Constant) else _ANYTHING for it in node.values
        )
    raise Unreadable(f"{path.name}:{node.lineno}: the site is neither a text nor handed on")


def _where(path, node):
    return f"{path.relative_to(SOURCE) if path.is_relative_to(SOURCE) else path.name}:{node.lineno}"
