"""The recipe of the bundled model: batches, losses, the training loop, export in the hub's layout."""
