"""Words for people: templates filled in, in the language of the configuration."""

from crm_sync.messages.catalogue import Messages
from crm_sync.messages.phrase import Phrase, Phrases

__all__ = ["Messages", "Phrase", "Phrases"]
