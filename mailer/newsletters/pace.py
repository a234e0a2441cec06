"""How often something comes, in numbers that compare."""

from dataclasses import dataclass
from fractions import Fraction

WEEKS_A_MONTH = Fraction(365, 7 * 12)


@dataclass(frozen=True)
class Pace:
    """How many issues come a week, or with `monthly` a month."""

    times: int
    monthly: bool

    @property
    def a_month(self) -> Fraction:
        """To compare any two."""
        return Fraction(self.times) if self.monthly else self.times * WEEKS_A_MONTH

    @property
    def weekly(self) -> bool:
        """Exactly one issue a week."""
        return not self.monthly and self.times == 1
