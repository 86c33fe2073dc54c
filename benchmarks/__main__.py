"""`python -m benchmarks` compares the engines."""

import sys

from benchmarks.run import main

sys.exit(main())
