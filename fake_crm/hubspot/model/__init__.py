"""What an account holds, and the rules by which it changes: no request, no route."""
