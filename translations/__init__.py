"""What the desk says in Chinese: many small catalogues, one for each area, read as one.

Sentences stand in the code in English, as message ids; `zh_Hans_CN/<area>.po` gives the Chinese. The fragments are
merged and compiled at start-up into `built/`, which is not committed.
"""

from translations.catalogue import (
    CatalogueFault,
    Sentence,
    compiled,
    declared_sentences,
    extract,
    fragments,
    merged,
    missing,
)

__all__ = ["CatalogueFault", "Sentence", "compiled", "declared_sentences", "extract", "fragments", "merged", "missing"]
