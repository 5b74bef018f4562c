"""Integrations of the kinds that teams really build, to be judged: each written honestly for what it is. They import nothing of ours."""
