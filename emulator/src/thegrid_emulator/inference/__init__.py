"""Inference requests and their answers as pure values, without routing.

The consumption surface checks a request before it sends it on, and the gateway reads the same
request again when it answers: what both must agree on stands here. The bodies are those of the
public OpenAI and Anthropic APIs.
"""
