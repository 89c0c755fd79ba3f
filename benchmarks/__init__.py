"""What the app costs and saves, as ratios within one run: machines differ, ratios less."""
