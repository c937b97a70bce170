"""The story that `make demo` tells: one key declared in Pulumi, one key rotated in a cluster.

Everything is real but the market, which is our emulator: the Pulumi CLI, a Kubernetes API server,
the provider, the operator with the rights that its chart gives, and the OpenAI SDK.
"""
