"""The domain: values, rubric, engine, fetch, sandbox, pipeline and command line."""
