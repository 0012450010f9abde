"""Models leave the house: as ordinary folders, as ONNX graphs, to a hub."""
