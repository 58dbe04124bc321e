"""Colours by what they mean, for the light and the dark theme. Widgets read `tokens()` each time they paint."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme by what they mean."""

    name: str
    window: QColor
    surface: QColor
    raised: QColor
    hover: QColor
    sunken: QColor
    track: QColor
    line: QColor
    line2: QColor
    text: QColor
    text2: QColor
    text3: QColor
    accent: QColor
    accentfill: QColor
    given: QColor
    fixed: QColor
    excluded: QColor
    unsure: QColor
    error: QColor
    classes: tuple[QColor, ...]
    ramp: tuple[QColor, ...]

    @property
    def dark(self) -> bool:
        return self.name == "dark"

    @property
    def control(self) -> QColor:
        """The border of a control."""
        return mix(self.line2, self.surface, 0.55)

    @property
    def disabled(self) -> QColor:
        """The text of a control that cannot be used now."""
        return mix(self.text3, self.surface, 0.7)

    @property
    def accentcap(self) -> QColor:
        """The key cap on a filled button: a fifth darker than the button."""
        return mix(self.accentfill, QColor("black"), 0.8)

    @property
    def pressed(self) -> QColor:
        return mix(self.text, self.raised, 0.08)

    def soft(self, color: QColor) -> QColor:
        """The quiet fill of a colour that means something."""
        return mix(color, self.surface, 0.15 if self.dark else 0.10)

    def soft_border(self, color: QColor) -> QColor:
        return mix(color, self.surface, 0.45)

    def ink(self, name: str) -> QColor:
        """A colour by its token's name; "white" for text on a filled button."""
        color: QColor = QColor("#FFFFFF") if name == "white" else getattr(self, name)
        return color


def mix(front: QColor, back: QColor, share: float) -> QColor:
    """`share` of the front colour, the rest of the back colour."""

    def part(over: int, under: int) -> int:
        return round(over * share + under * (1 - share))

    return QColor(part(front.red(), back.red()), part(front.green(), back.green()), part(front.blue(), back.blue()))


# Each row: the token, light, dark. Text colours are at least 4.5 : 1 on every ground they stand on.
_TABLE = """
window     #F3F4F6 #15171A
surface    #FFFFFF #1B1E22
raised     #FFFFFF #24282E
hover      #EDEFF2 #2A2F36
sunken     #E8EAED #0F1113
track      #E4E7EA #2F353C
line       #DCDFE3 #2C3137
line2      #858C95 #69727C
text       #1A1D21 #E7E9EB
text2      #4A525B #B0B7BF
text3      #616973 #8C949D
accent     #1B5CBE #7DB0FF
accentfill #1B5CBE #2F6FD6
given      #855600 #E3AE52
fixed      #0A6B4D #52C79B
excluded   #59616B #9FA7B0
unsure     #7438A0 #C8A0F0
error      #B0271C #FF9182
"""


def _tokens(name: str, column: int, classes: str, ramp: str) -> Tokens:
    rows = [line.split() for line in _TABLE.split("\n") if line]
    colors = {row[0]: QColor(row[column]) for row in rows}
    return Tokens(name=name, classes=_colors(classes), ramp=_colors(ramp), **colors)


def _colors(text: str) -> tuple[QColor, ...]:
    return tuple(QColor(part) for part in text.split())


LIGHT = _tokens(
    "light",
    1,
    classes="#20469F #9C600B #0E7E6C #733261 #469EBC #951B00 #9E944C #7F65C1",
    ramp="#E3ECF9 #C2D2EA #A0B8DB #7F9ECC #3C69AD #1B4F9E",
)
DARK = _tokens(
    "dark",
    2,
    classes="#6075E2 #E49027 #47BEA2 #A66992 #83E1F8 #D05238 #D8D953 #B49AFD",
    ramp="#23303F #35475F #465E7F #6A8DBF #7BA4DF #8DBBFF",
)

_active = LIGHT


def tokens() -> Tokens:
    """The colours in force now."""
    return _active


def use_tokens(chosen: Tokens) -> None:
    """Paint with these colours from now on; `theme.apply_theme` calls this and repaints."""
    global _active
    _active = chosen
