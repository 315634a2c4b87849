"""Makes the text that belongs into a prompt: what is known, what is relevant and what was said last."""
