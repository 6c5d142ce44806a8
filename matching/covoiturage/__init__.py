"""Carpool: one passenger and one driver by rules, then everybody at once, on exact times."""
