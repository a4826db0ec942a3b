"""US Consolidated Screening List: a copy of thirteen lists of three departments."""
