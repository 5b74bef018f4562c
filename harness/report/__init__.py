"""What people and machines read after a run: terminal, one HTML file, JUnit XML, JSON. Reads values only; decides nothing."""
