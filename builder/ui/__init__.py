"""The web app; the only room that knows Streamlit."""
