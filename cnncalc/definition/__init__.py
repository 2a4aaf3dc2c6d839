"""What was written, and where: nothing resolved yet."""
