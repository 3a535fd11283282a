"""The demonstration as a whole: the learning of the floor below, and on top of it equipment handed over and teams made ready."""
