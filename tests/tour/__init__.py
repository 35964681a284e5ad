"""The tour: what the explorer found of a duty is driven through HTTP, so that what is proved is what runs."""
