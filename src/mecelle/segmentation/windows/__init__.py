"""The paper's sectioner: an encoder that tags the tokens of windows. Source: HukukBERT §3.7."""
