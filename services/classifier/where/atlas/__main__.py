"""`python -m services.classifier.where.atlas`: builds the index of places where it is missing, and says where it is."""

import sys

from services.classifier.where import atlas

if __name__ == "__main__":
    sys.stdout.write(f"{atlas.built()}\n")
