"""Patterns of paths, by which faults, lag and the alternate dialect name routes."""


def fits(pattern: str, path: str) -> bool:
    """Return whether a path is one that a pattern means.

    Args:
        pattern: after the surface's prefix; a segment in braces stands for any, for example
            `/api-keys/{id}`.
        path: after the surface's prefix.
    """
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        segment == wildcard or (wildcard.startswith("{") and wildcard.endswith("}"))
        for wildcard, segment in zip(wanted, given, strict=True)
    )


def is_route(route: str, surface: str, method: str, path: str) -> bool:
    """Return whether a request is for a route.

    Args:
        route: `SURFACE METHOD PATH`, with the path as a pattern; `SURFACE` alone for all of it.
        surface: where the request arrived.
        method: of the request.
        path: of the request, after the surface's prefix.
    """
    wanted_surface, _, rest = route.partition(" ")
    if wanted_surface != surface:
        return False
    wanted_method, _, pattern = rest.partition(" ")
    return not rest or (wanted_method == method and fits(pattern, path))
