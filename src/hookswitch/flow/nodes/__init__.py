"""The kinds of objects: each folder here is one kind; nothing else lists them."""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from hookswitch.flow.node import NodeKind


def _load() -> Mapping[str, NodeKind]:
    modules = [
        import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)
    ]
    kinds: list[NodeKind] = [module.KIND for module in modules]
    return MappingProxyType({kind.name: kind for kind in kinds})


KINDS = _load()
