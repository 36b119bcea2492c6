"""The long-running process: a source, a learner, a feedback door and a store, run from one TOML file.

`config.load` reads the file, `process.run` runs it. Nothing is imported here: `stop` has to be there at once.
"""
