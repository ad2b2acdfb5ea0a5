"""Dice that fall the same way every time."""

import random


def dice_for(*what: object) -> random.Random:
    """Returns dice that are seeded with what they are for, in words."""
    return random.Random(" ".join(str(part) for part in what))  # noqa: S311 - nothing secret is made with them
