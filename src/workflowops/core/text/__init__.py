"""All words for people, away from the logic that triggers them."""
