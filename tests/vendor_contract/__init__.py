"""Holds every answer of the HubSpot fake against the vendor's own OpenAPI documents, whatever test caused it.

`documents` finds the vendor's operation for a call, `shapes` makes its schemas strict, `deviations` lists where the live
service differs from them and who says so, `judge` gives the verdict on one answer, `watch` sits on `Fake.handle` during tests.
The documents are not part of this repository; without them nothing is judged and one test is skipped, which says so.
"""
