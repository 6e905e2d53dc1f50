"""The names of classes: each of its own, and in a module of its own."""

from typing import Any

import names
from plain import Place, title


class Namespace:
    """The names that classes have so far, and those that are kept for `components.schemas`."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._modules: set[str] = set()
        self._reserved: set[str] = set()

    def reserve(self, schema: Any, key: str) -> None:
        """Keep the name of a schema in `components.schemas` from schemas within others."""
        self._reserved.add(names.module(names.class_name(title(schema) or key)))

    def wanted(self, schema: dict[str, Any], place: Place) -> str:
        """Give the name that a class has if nobody else has it."""
        name = title(schema) or place.name
        joined = names.class_name(place.owner, name) if place.owner else names.class_name(name)
        return names.shortened(joined)

    def new(self, schema: dict[str, Any], place: Place) -> str:
        """Give a class a name that no other one has."""
        wanted = self.wanted(schema, place)
        if place.owner:
            name = names.numbered(wanted, self._modules | self._reserved)
        else:
            if names.module(wanted) in self._modules:
                wanted = names.shortened(names.class_name(place.name))
            name = names.numbered(wanted, self._modules)
        self._modules.add(names.module(name))
        self.taken.add(name)
        return name
