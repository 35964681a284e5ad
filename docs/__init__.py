"""Scripts that make parts of the documentation, and what they made."""
