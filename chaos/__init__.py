"""Break what executions depend on, again and again, and look whether they told the truth."""
