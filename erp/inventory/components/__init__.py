"""Components in units: as built, as maintained, and their replacement."""
