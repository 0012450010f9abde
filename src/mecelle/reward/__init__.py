"""The reward model (Muhakim): answers of a language model, judged by five objectives. Source: Mecellem §4.4.5, B."""
