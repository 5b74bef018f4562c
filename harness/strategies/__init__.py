"""Integrations of the kinds that teams really build, each written honestly for what it is. They import nothing of ours."""
