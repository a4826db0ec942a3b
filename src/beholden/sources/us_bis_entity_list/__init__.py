"""BIS Entity List: Supplement No. 4 to 15 CFR part 744, as the eCFR serves it."""
