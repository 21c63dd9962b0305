"""TOUCH: n8n, git and the runner; no decisions."""
