"""Which notices are one procedure: what each can be found by, the rules that link two, the groups that come of it."""
