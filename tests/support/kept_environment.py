"""For tests that start a program with an environment of its own."""
import os

# What sanitizers and the loader need of ours: without it, they judge what is not the program's.
KEPT = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS") or name == "LD_LIBRARY_PATH"}
