"""`python -m services.classifier.atlas`: builds the index of places if it is not there yet, and says where it is."""

import sys

from services.classifier import atlas

if __name__ == "__main__":
    sys.stdout.write(f"{atlas.built()}\n")
