"""The known failures of field data collection, and bad input: one named test for each."""
