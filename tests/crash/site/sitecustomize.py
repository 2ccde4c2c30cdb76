"""Python loads this first of all in processes of the crash harness, and in no others."""

import os

if os.environ.get("CRASH_FOLDER"):
    import points  # type: ignore[import-not-found]  # it lies next to this file

    points.arm(os.environ["CRASH_FOLDER"])
