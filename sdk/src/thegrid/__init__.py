"""The Grid for programs: pure decisions (`thegrid.core`) and the client (`thegrid.client`)."""
