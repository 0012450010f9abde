"""What every training shares: packed rows, their order, exact resume, schedules, optimizers, throughput."""
