"""How a text for the terminal may look: coloured or not, and how wide."""

from dataclasses import dataclass

_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Style:
    """What the terminal can show. Without colour nothing is lost: every colour only repeats a word or a sign."""

    color: bool = False
    width: int = 100

    def good(self, text: str) -> str:
        """Green: as it should be."""
        return self._painted("32", text)

    def notable(self, text: str) -> str:
        """Yellow: to be looked at."""
        return self._painted("33", text)

    def bad(self, text: str) -> str:
        """Red: wrong, or lost."""
        return self._painted("31", text)

    def alarming(self, text: str) -> str:
        """White on red: not to be overlooked."""
        return self._painted("1;37;41", text)

    def strong(self, text: str) -> str:
        """Bold: what the eye should find first."""
        return self._painted("1", text)

    def quiet(self, text: str) -> str:
        """Dim: for those who look closer."""
        return self._painted("2", text)

    def _painted(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}{_RESET}" if self.color and text else text
