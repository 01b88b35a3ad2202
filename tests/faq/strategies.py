"""Generated FAQs: every kind of text that a person may put into a file, and all that an entry can have."""

from hypothesis import strategies as st

from faq.entry import CHOICE, LANGUAGES, SLOT_TYPES, STAGES, TIERS, FaqEntry, FormField, Variant
from faq.text_rules import answer_fault, ask_fault

AWKWARD = [
    *("=1+1", "+1", "-a", "@b", "'c", "''=d", '"q"', "a;b,c\td", "\tx", "\r1", "a\nb", "a\r\nb ", "\u2028x", "\x85y"),
    *(
        " 中文",
        "问\n答",
        "👩‍👩‍👧 1",
        "no",
        "~1",
        "1e3",
        "_x000D_",
        "http://a.b",
        "\ufeffz",
        "[1]",
        "{first_name|there}",
        "\x0bk",
    ),
]

texts = (
    st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"]), min_size=1)
).filter(str.strip)
wordings = texts.filter(lambda text: any(map(str.isalnum, text)))
slots = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
languages = st.sampled_from(LANGUAGES)
by_language = st.dictionaries(languages, texts.filter(lambda text: not answer_fault(text)), min_size=1)
asked = st.dictionaries(languages, texts.filter(lambda text: not ask_fault(text)), min_size=1)


@st.composite
def fields(draw: st.DrawFn) -> FormField:
    kind = draw(st.sampled_from(SLOT_TYPES))
    many = draw(st.integers(1, 3))
    some = st.lists(texts, min_size=many, max_size=many, unique=True).map(tuple)
    choices = draw(st.dictionaries(languages, some, min_size=1)) if kind == CHOICE else {}
    return FormField(draw(slots), kind, draw(st.booleans()), draw(asked), choices)


variants = st.builds(
    Variant,
    by_language,
    st.lists(st.sampled_from(TIERS), unique=True).map(tuple),
    st.lists(st.sampled_from(STAGES), unique=True).map(tuple),
).filter(lambda variant: bool(variant.tiers or variant.stages))

entries = st.builds(
    FaqEntry,
    st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True),
    st.dictionaries(languages, st.lists(wordings, min_size=1, max_size=3, unique=True).map(tuple), min_size=1),
    by_language,
    st.just("") | texts,
    st.lists(fields(), max_size=2, unique_by=lambda field: field.slot).map(tuple),
    st.lists(variants, max_size=2).map(tuple),
)
faqs = st.lists(entries, min_size=1, max_size=3, unique_by=lambda entry: entry.id)
