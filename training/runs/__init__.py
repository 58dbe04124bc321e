"""What is done with runs: plan, train, cross-validate, resume, repeat, recover, accept, and their notes and model card."""
