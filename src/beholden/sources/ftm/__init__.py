"""FollowTheMoney exports, such as those of OpenSanctions, that the user has under a licence of their own."""
