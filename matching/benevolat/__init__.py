"""Volunteer transport: one trip, one volunteer's day, the whole week."""
