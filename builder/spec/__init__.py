"""The document: what a person draws and chooses, as frozen data; no torch, no streamlit."""
