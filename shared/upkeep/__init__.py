"""What is done to the data as a whole: backup, restore, and the upgrade of the indices to another version."""
