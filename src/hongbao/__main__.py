"""``python -m hongbao`` is ``hongbao``."""

from hongbao.cli import main

if __name__ == "__main__":
    main()
