"""The status as one self-contained HTML page that asks nobody for anything."""
