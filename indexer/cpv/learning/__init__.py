"""How a model is made: what is learned from, the steps of learning, the proof on folds, which model stands."""
