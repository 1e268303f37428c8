"""WeChat Pay cash red packets that are never paid twice."""

__version__ = "0.1.0"
