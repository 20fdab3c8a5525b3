"""Makes what merging goes by: how common words are, and the weights of the pair model."""
