"""The command line: ``hongbao``. Needs the extra ``hongbao[cli]``."""

from hongbao.cli.entry import main

__all__ = ["main"]
