"""What tracking costs, as ratios within one run: machines differ, ratios less."""
