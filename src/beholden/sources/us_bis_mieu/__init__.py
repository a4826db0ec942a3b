"""BIS military-intelligence end users, as 15 CFR 744.22 names them."""
