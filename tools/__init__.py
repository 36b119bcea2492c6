"""What a checkout needs around the package: python3 -m tools prints the list."""
