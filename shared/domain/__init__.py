"""The nouns of Tocsin: frozen records that cross every boundary. No input, no output, no infrastructure."""
