"""What ERPNext's own DocTypes do: selling, stock, money."""
