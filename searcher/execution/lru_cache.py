"""What was decoded for recent queries: paging, choosing a facet and typing on ask for the same terms again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any, Final

#: Documents of all terms that are kept, at 16 bytes each.
_MOST: Final = 3_000_000


class Recent:
    """The terms used last, as many as fit; safe to share by threads."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._held = 0
        self._lock = threading.Lock()
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """The entry, None when it is not here."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            self._entries.move_to_end(key)
            return entry[0]

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep an entry of so many documents, and let go of those not used for longest."""
        with self._lock:
            if key in self._entries or size > self._most:
                return
            self._entries[key] = (value, size)
            self._held += size
            while self._held > self._most:
                _, (_, gone) = self._entries.popitem(last=False)
                self._held -= gone
