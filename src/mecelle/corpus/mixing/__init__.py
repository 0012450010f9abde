"""What a training set holds of each category, and in which order it comes."""
