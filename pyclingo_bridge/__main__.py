"""`python -m pyclingo_bridge`."""

from pyclingo_bridge.cli.main import main

if __name__ == "__main__":
    main()
