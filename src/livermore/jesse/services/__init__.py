"""Those of Jesse's services that strategies use and that need no server (`jesse.services`)."""
