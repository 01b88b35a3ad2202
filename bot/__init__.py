"""Composition root: settings, command line, runtime, logs. The only reader of the environment."""
