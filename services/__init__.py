"""The programs of Tocsin, one folder each. They meet at step names and types, never at imports."""
