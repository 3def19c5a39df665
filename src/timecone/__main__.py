"""The command line as ``python -m timecone``."""

from timecone.cli.main import entry

if __name__ == "__main__":
    entry()
