"""Programs that show what chalkgrad does; run one with ``python -m demos.NAME``."""
