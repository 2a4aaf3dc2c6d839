"""`python -m cnncalc`."""

from cnncalc.cli import process

if __name__ == "__main__":
    process()
