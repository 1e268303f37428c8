"""All that is wrong with the settings, collected so that it is reported at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hongbao.english import NEXT_LINE, joined, sentence
from hongbao.errors import ConfigurationError
from hongbao.sentences import say

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN_MAX = 50
"""A file with more than that is no settings file of ours, and a person fixes the first ones."""


class WrongSettings(ConfigurationError):
    """Several settings are wrong.

    Attributes:
        problems: one error each, in the order of the file.
    """

    def __init__(self, where: str, problems: Sequence[ConfigurationError]) -> None:
        shown = problems[:_SHOWN_MAX]
        lines = [
            say(
                "{setting}: {problem} {remedy}",
                setting=it.setting,
                problem=sentence(it.problem),
                remedy=it.remedy,
            )
            for it in shown
        ]
        if more := len(problems) - len(shown):
            lines.append(say("and {count} more", count=more))
        super().__init__(
            setting=where,
            problem=say(
                "{count} settings are wrong:\n  {lines}",
                count=len(problems),
                lines=joined(lines, NEXT_LINE),
            ),
            remedy=say("Fix them, then run this again; docs/configuration.md has every setting."),
        )
        self.problems = tuple(problems)


class Problems:
    """What was found wrong so far.

    Args:
        where: the file's name.

    Attributes:
        where: the same.
        found: one error each.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.found: list[ConfigurationError] = []

    def add(self, setting: str, problem: str, remedy: str) -> None:
        """Note one more."""
        self.found.append(
            ConfigurationError(setting=f"{self.where}: {setting}", problem=problem, remedy=remedy)
        )

    def take(self, error: ConfigurationError, setting: str) -> None:
        """Note what the library found wrong with a setting or with what it leads to."""
        if isinstance(error, WrongSettings):
            self.found.extend(error.problems)
        else:
            self.add(f"{setting}: {error.setting}", error.problem, error.remedy)

    def mention(self, *settings: str) -> bool:
        """Whether something was said about one of these settings."""
        named = {f"{self.where}: {setting}" for setting in settings}
        return any(it.setting in named for it in self.found)

    def __len__(self) -> int:
        return len(self.found)

    def raise_if_any(self) -> None:
        """End with all of them.

        Raises:
            ConfigurationError: if there is one; ``WrongSettings`` if there are several.
        """
        if len(self.found) == 1:
            raise self.found[0]
        if self.found:
            raise WrongSettings(self.where, self.found)
