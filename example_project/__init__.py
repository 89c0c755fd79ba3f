"""A small PIM that shows every door of the process tracker."""
