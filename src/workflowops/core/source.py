"""The bytes of a file in the repository, read as text."""

from workflowops.core.problems import Place, Problem

_BYTE_ORDER_MARK = "\ufeff"
_OTHER_ENCODINGS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def read_text(source: bytes, *, path: str, limit: int) -> str | Problem:
    """Decode UTF-8, with or without a byte order mark, up to `limit` bytes; or say why not."""
    if len(source) > limit:
        return Problem.error(
            path,
            rule="file-too-large",
            message=f"The file has {len(source):,} bytes; at most {limit:,} are read.",
            fix="Check that this is the file you meant; split it or take out what does not belong in it.",
        )
    encoding = _other_encoding(source)
    if encoding is not None:
        return _not_utf_8(path, message=f"The file is {encoding}, not UTF-8.")
    try:
        return source.decode("utf-8").removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        return _not_utf_8(path, message="The file is not UTF-8.", place=_place_of_byte(source, error.start))


def has_byte_order_mark(source: bytes) -> bool:
    """Say whether the file begins with UTF-8's byte order mark, which some programs write."""
    return source.startswith(_BYTE_ORDER_MARK.encode())


def place_of_offset(text: str, offset: int) -> Place:
    """Turn an offset in a text into line and column."""
    return Place(text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def _other_encoding(source: bytes) -> str | None:
    for mark, encoding in _OTHER_ENCODINGS:
        if source.startswith(mark):
            return encoding
    return "UTF-16" if len(source) >= 2 and 0 in source[:2] and source[:2] != b"\x00\x00" else None


def _place_of_byte(source: bytes, offset: int) -> Place:
    before = source[:offset]
    return Place(before.count(b"\n") + 1, len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1)


def _not_utf_8(path: str, *, message: str, place: Place | None = None) -> Problem:
    return Problem.error(path, rule="not-utf-8", message=message, fix="Save the file as UTF-8.", place=place)
