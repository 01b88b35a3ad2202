"""Makes FAQ entries of a file's tree, and forms and variants of a cell's."""

from faq.entry import (
    CHOICE,
    SLOT_TYPES,
    STAGES,
    TIERS,
    FaqEntry,
    FormField,
    Variant,
    is_entry_id,
    is_slot,
)
from faq.text_rules import answer_fault, ask_fault, wording_fault
from faq.tree import Fields, Items, Node, Text
from faq.tree_reader import TreeReader, unknown

ENTRY_FIELDS = ("id", "category", "questions", "answers", "form", "variants")
FORM_FIELDS = ("slot", "type", "required", "ask", "choices")
VARIANT_FIELDS = ("tiers", "stages", "answers")


class EntryReader(TreeReader):
    """Reads entries; what they may not be is noted in `problems`."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: set[str] = set()

    def entries(self, root: Node | None) -> list[FaqEntry]:
        if root is None:
            self.note(Text(1, ""), "", "the file is empty")
            return []
        nodes = self.items(root, "")
        if isinstance(root, Items) and not nodes:
            self.note(root, "", "the list has no entries")
        return [self._entry(node) for node in nodes]

    def _entry(self, node: Node) -> FaqEntry:
        fields = self.fields(node, "", ENTRY_FIELDS, needed=("id", "questions", "answers"))
        return FaqEntry(
            id=self._id(fields["id"]) if "id" in fields else "",
            phrasings=self.by_language(fields.get("questions"), "questions", self._wordings),
            answers=self.by_language(fields.get("answers"), "answers", self._answer),
            category=self.text(fields["category"], "category", empty=True) if "category" in fields else "",
            form=self.form(fields["form"]) if "form" in fields else (),
            variants=self.variants(fields["variants"]) if "variants" in fields else (),
        )

    def _id(self, node: Node) -> str:
        text = self.text(node, "id")
        if text and not is_entry_id(text):
            self.note(node, "id", f"{text!r} may have small letters, digits and hyphens only, at most 40")
        elif text in self._ids:
            self.note(node, "id", f"{text!r} is taken by an entry above")
        elif text:
            self._ids.add(text)
        return text

    def _wordings(self, node: Node, field: str) -> tuple[str, ...]:
        nodes = [node] if isinstance(node, Text) else self.items(node, field)
        if isinstance(node, Items) and not nodes:
            self.note(node, field, "has no wording")
        return self.texts(nodes, field, wording_fault)

    def _answer(self, node: Node, field: str) -> str:
        return self.text(node, field, answer_fault)

    def _ask(self, node: Node, field: str) -> str:
        return self.text(node, field, ask_fault)

    def form(self, node: Node) -> tuple[FormField, ...]:
        """The things asked after the answer, each filling a slot of its own."""
        slots: dict[str, int] = {}
        return tuple(self._form_field(item, slots) for item in self.items(node, "form"))

    def _form_field(self, node: Node, slots: dict[str, int]) -> FormField:
        fields = self.fields(node, "form", FORM_FIELDS, needed=("slot", "ask"))
        kind = self.one_of(fields["type"], "form.type", SLOT_TYPES) if "type" in fields else "text"
        return FormField(
            slot=self._slot(fields["slot"], slots) if "slot" in fields else "",
            type=kind,
            required=self.flag(fields["required"], "form.required") if "required" in fields else False,
            ask=self.by_language(fields.get("ask"), "form.ask", self._ask),
            choices=self._choices(node, fields.get("choices"), kind),
        )

    def _slot(self, node: Node, slots: dict[str, int]) -> str:
        text = self.text(node, "form.slot")
        if not text:
            return text
        if not is_slot(text):
            self.note(
                node, "form.slot", f"{text!r} must be a small letter, then small letters, digits and _, at most 40"
            )
        elif text in slots:
            self.note(node, "form.slot", f"{text!r} stands in line {slots[text]} already")
        slots.setdefault(text, node.line)
        return text

    def _choices(self, form_field: Node, node: Node | None, kind: str) -> dict[str, tuple[str, ...]]:
        if node is None:
            if kind == CHOICE:
                self.note(form_field, "form.choices", "is missing")
            return {}
        if kind != CHOICE:
            self.note(node, "form.choices", f"goes with the type {CHOICE} only")
        choices = self.by_language(node, "form.choices", self._choices_of)
        if len(set(map(len, choices.values()))) > 1:
            self.note(node, "form.choices", "must be equally long in each language")
        return choices

    def _choices_of(self, node: Node, field: str) -> tuple[str, ...]:
        nodes = self.items(node, field)
        if isinstance(node, Items) and not nodes:
            self.note(node, field, "has no choice")
        return self.texts(nodes, field)

    def variants(self, node: Node) -> tuple[Variant, ...]:
        """Other answers for some customers, the first that fits counting."""
        return tuple(map(self._variant, self.items(node, "variants")))

    def _variant(self, node: Node) -> Variant:
        fields = self.fields(node, "variants", VARIANT_FIELDS, needed=("answers",))
        tiers, stages = (self._some_of(fields.get(name), name) for name in ("tiers", "stages"))
        if isinstance(node, Fields) and not fields.keys() & {"tiers", "stages"}:
            self.note(node, "variants", "needs tiers or stages: whom is it for?")
        return Variant(self.by_language(fields.get("answers"), "variants.answers", self._answer), tiers, stages)

    def _some_of(self, node: Node | None, name: str) -> tuple[str, ...]:
        if node is None:
            return ()
        field, known = f"variants.{name}", TIERS if name == "tiers" else STAGES
        nodes = self.items(node, field)
        if isinstance(node, Items) and not nodes:
            self.note(node, field, f"names none; leave it out to mean all {name}")
        return self.texts(nodes, field, lambda text: "" if text in known else f"{text!r} {unknown(known)}")
