"""The workshop: real engines on one machine for the demo, tests, examples and benchmarks.

`engines` finds or builds them, `control_plane` runs Kubernetes, `pulumi_cli` runs Pulumi, `helm`
renders charts, and `pytest_plugin` gives tests all of it. It is never published, and nothing that
is published imports it.
"""
