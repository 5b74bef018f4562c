"""From a value of one system to the value that the other should show, by the data dictionary. Pure."""
