"""DECIDE: values in, values out; no clock, environment, files, network or logging."""
