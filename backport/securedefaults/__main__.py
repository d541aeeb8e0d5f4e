"""`python -m securedefaults`."""

from __future__ import annotations

import sys

try:
    from .cli import main
except KeyboardInterrupt:  # as it is where the command has begun
    sys.exit(130)

sys.exit(main())
