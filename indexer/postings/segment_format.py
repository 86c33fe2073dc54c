"""Struct layouts of a Whoosh 2.7.4 segment: the term table (.trm) and its references into the postings file (.pst).

The term table is a hash file: a header, the entries, 256 hash tables, a directory of these tables, and extras that only
Whoosh reads, with their length as the last number. An entry is the lengths of key and value, the key, and the value. A
key is the number of a field followed by a term; its CRC-32 selects the hash table (low eight bits) and the first slot
to probe (the other bits). A value is Whoosh's term info followed by the byte range of the posting list.

Writer and reader both import this module, the reader in every query process, so it imports next to nothing.
"""

from __future__ import annotations

import struct
from mmap import mmap
from typing import Final

#: Bytes before the first entry: a tag, the number of the hash function, and two numbers that Whoosh reserves.
HEADER_BYTES: Final = 13
#: Whoosh's number for CRC-32 as the hash function.
CRC32_HASH: Final = 1
#: Lengths of the key and the value of an entry.
ENTRY_LENGTHS: Final = struct.Struct("!ii")
#: The number of the field, the first bytes of each key.
FIELD_ID: Final = struct.Struct("!H")
#: Hash and offset of an entry; an empty slot has the offset 0.
HASH_SLOT: Final = struct.Struct("!Iq")
#: Offset and number of slots of a hash table, one record of the directory.
TABLE_POINTER: Final = struct.Struct("!qi")
HASH_TABLES: Final = 256
#: The length of the extras, the last bytes of the file.
EXTRAS_LENGTH: Final = struct.Struct("!i")

#: Flags, occurrences, documents, shortest and longest field (as bytes), greatest frequency, first and last document;
#: then offset and length of the posting list.
_TERM_INFO: Final = struct.Struct("!BfIBBfIIqi")
_LONGEST_FIELD: Final = 255
TERM_INFO_BYTES: Final = _TERM_INFO.size
#: Where a term info has occurrences, documents, and the offset of the posting list, which its length follows.
OCCURRENCES_AT: Final = 1
DOCUMENTS_AT: Final = 5
LIST_AT: Final = 23
#: The same without what searches do not need: occurrences, documents, offset and length of the posting list.
_READ_TERM_INFO: Final = struct.Struct("!xfI14xqi")


def pack_term_info(
    documents: int, occurrences: int, max_frequency: int, first: int, last: int, start: int, length: int
) -> bytes:
    """The value of a term's entry; field lengths are given as unknown, because ranking reads them from columns."""
    return _TERM_INFO.pack(0, occurrences, documents, 1, _LONGEST_FIELD, max_frequency, first, last, start, length)


def unpack_term_info(buffer: memoryview | mmap, offset: int) -> tuple[int, int, int, int]:
    """Documents, occurrences, and the start and end of the posting list in the postings file."""
    occurrences, documents, start, length = _READ_TERM_INFO.unpack_from(buffer, offset)
    return documents, int(occurrences), start, start + length
