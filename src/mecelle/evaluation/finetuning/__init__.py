"""Fine-tuning of an encoder on labelled tasks, as Mecellem's Table 23: one search for all, dev chooses, test once."""
