"""What every floor stands on: documents, artifacts, configuration, seeds, progress, errors. No torch."""
