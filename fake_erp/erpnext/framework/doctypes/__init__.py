"""Compact field tables of the DocTypes this fake models, one module per part of the business."""
