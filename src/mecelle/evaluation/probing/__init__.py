"""What a frozen encoder knows of morphology, and the shape of its vectors: Mecellem's open question 2."""
