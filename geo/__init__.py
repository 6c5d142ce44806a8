"""Space: travel times, coverage, place search and maps. Knows neither database nor web."""
