"""Names of those who speak, as every part of the package has to understand them."""

from __future__ import annotations

#: Assistants, whoever else speaks.
ASSISTANTS = (
    "Assistant", "AI", "Bot", "Chatbot", "Model", "ChatGPT", "GPT-4o", "Gemini", "Copilot", "Bard", "Llama", "Mistral",
    "Grok", "Perplexity", "DeepSeek", "Le Chat", "Meta AI", "Claude 3.5 Sonnet",
)  # fmt: skip
#: Assistants beside the user, and people beside others.
PEOPLE_TOO = ("Claude", "Siri", "Alexa")
#: People.
PEOPLE = ("Claude Monet", "Claudette", "Gemini Jones", "Jean-Claude", "Alexa Smith", "Bardot", "Ai Weiwei", "Nora")
