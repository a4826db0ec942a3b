"""Tables into which other people typed a list that its issuer prints as text: what their readers share."""
