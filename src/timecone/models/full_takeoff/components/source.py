"""The source of the model's parameters."""

from typing import Final

SOURCE: Final = "Davidson 2023"
