"""`python -m harness.cli` is `syncproof`."""

from harness.cli import main

if __name__ == "__main__":
    main()
