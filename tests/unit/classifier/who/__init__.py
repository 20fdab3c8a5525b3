"""Tests of who is coded: names, parties and the choice among them."""
