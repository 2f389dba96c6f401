"""Small true implementations of the services that we ask, for tests and the demo; standard library and tenders only."""
