"""What a team's repository needs before the first run: the configuration, the workflow files, keys and settings."""
