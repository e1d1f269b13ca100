"""One codec for each kind of field: cell to canonical value, canonical value to cell."""

from crm_sync.core.codecs.catalogue import codec_for
from crm_sync.core.codecs.codec import Codec, Conventions

__all__ = ["Codec", "Conventions", "codec_for"]
