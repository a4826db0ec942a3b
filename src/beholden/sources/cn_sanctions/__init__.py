"""China: lists of the Ministry of Commerce, countermeasures, and measures of other offices, as others typed them."""
