"""List of Specially Designated Nationals and Blocked Persons of OFAC."""
