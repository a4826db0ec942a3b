"""Address ranges that cloud providers publish as theirs."""
