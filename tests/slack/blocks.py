"""What Block Kit allows, as strict models: what Slack would refuse is refused here, with the reason.

Only what is known here is allowed; a new kind of block or element needs a model of its own, with its limits.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100

T = TypeVar("T")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PlainText(_Strict):
    """Text without markup."""

    type: Literal["plain_text"]
    text: str = Field(min_length=1, max_length=3000)
    emoji: bool = True


class Markdown(_Strict):
    """Text with Slack's own markup."""

    type: Literal["mrkdwn"]
    text: str = Field(min_length=1, max_length=3000)
    verbatim: bool = False


def _short(most: int) -> AfterValidator:
    def check(text: Any) -> Any:
        if len(text.text) > most:
            message = f"the text has {len(text.text)} characters; at most {most} are allowed"
            raise ValueError(message)
        return text

    return AfterValidator(check)


def _unique(what: str, of: Callable[[Any], list[str]]) -> AfterValidator:
    def check(found: Any) -> Any:
        twice = [name for name, times in Counter(of(found)).items() if times > 1]
        if twice:
            message = f"{what} {', '.join(twice)} is there twice"
            raise ValueError(message)
        return found

    return AfterValidator(check)


AnyText = Annotated[PlainText | Markdown, Field(discriminator="type")]
Name = Annotated[str, Field(min_length=1, max_length=255)]


class Confirm(_Strict):
    """The question that a client asks before it says that a button was pressed."""

    title: Annotated[PlainText, _short(100)]
    text: Annotated[AnyText, _short(300)]
    confirm: Annotated[PlainText, _short(30)]
    deny: Annotated[PlainText, _short(30)]
    style: Literal["primary", "danger"] | None = None


class Option(_Strict):
    """One choice."""

    text: Annotated[AnyText, _short(75)]
    value: str = Field(min_length=1, max_length=150)
    description: Annotated[AnyText, _short(75)] | None = None


def _values(options: list[Option]) -> list[str]:
    return [option.value for option in options]


Options = Annotated[list[Option], Field(min_length=1, max_length=100), _unique("the option", _values)]
FewOptions = Annotated[list[Option], Field(min_length=1, max_length=10), _unique("the option", _values)]


class Button(_Strict):
    """A button; with `url` it also opens a page."""

    type: Literal["button"]
    text: Annotated[PlainText, _short(75)]
    action_id: Name
    value: str | None = Field(default=None, min_length=1, max_length=2000)
    url: str | None = Field(default=None, max_length=3000)
    style: Literal["primary", "danger"] | None = None
    confirm: Confirm | None = None
    accessibility_label: str | None = Field(default=None, max_length=75)


class StaticSelect(_Strict):
    """One choice of a list."""

    type: Literal["static_select"]
    action_id: Name
    options: Options
    initial_option: Option | None = None
    placeholder: Annotated[PlainText, _short(150)] | None = None
    confirm: Confirm | None = None
    focus_on_load: bool = False

    @model_validator(mode="after")
    def _known(self) -> "StaticSelect":
        if self.initial_option is not None and self.initial_option not in self.options:
            message = "initial_option must be exactly one of the options"
            raise ValueError(message)
        return self


class Checkboxes(_Strict):
    """Several choices."""

    type: Literal["checkboxes"]
    action_id: Name
    options: FewOptions
    initial_options: list[Option] | None = Field(default=None, min_length=1)
    confirm: Confirm | None = None
    focus_on_load: bool = False

    @model_validator(mode="after")
    def _known(self) -> "Checkboxes":
        if any(option not in self.options for option in self.initial_options or ()):
            message = "initial_options must be among the options"
            raise ValueError(message)
        return self


class RadioButtons(_Strict):
    """One choice, all of them visible."""

    type: Literal["radio_buttons"]
    action_id: Name
    options: FewOptions
    initial_option: Option | None = None
    confirm: Confirm | None = None
    focus_on_load: bool = False

    @model_validator(mode="after")
    def _known(self) -> "RadioButtons":
        if self.initial_option is not None and self.initial_option not in self.options:
            message = "initial_option must be exactly one of the options"
            raise ValueError(message)
        return self


class Overflow(_Strict):
    """A menu behind three dots."""

    type: Literal["overflow"]
    action_id: Name
    options: Annotated[list[Option], Field(min_length=1, max_length=5), _unique("the option", _values)]
    confirm: Confirm | None = None


class PlainTextInput(_Strict):
    """A line, or several, to write in."""

    type: Literal["plain_text_input"]
    action_id: Name
    multiline: bool = False
    initial_value: str | None = None
    min_length: int | None = Field(default=None, ge=0, le=3000)
    max_length: int | None = Field(default=None, ge=1, le=3000)
    placeholder: Annotated[PlainText, _short(150)] | None = None
    focus_on_load: bool = False


Pressed = Annotated[Button | StaticSelect | Checkboxes | RadioButtons | Overflow, Field(discriminator="type")]
Filled = Annotated[StaticSelect | Checkboxes | RadioButtons | PlainTextInput, Field(discriminator="type")]


class _Block(_Strict):
    block_id: Name | None = None


class Header(_Block):
    """A headline."""

    type: Literal["header"]
    text: Annotated[PlainText, _short(150)]


class Section(_Block):
    """A paragraph, or short texts side by side, and perhaps something to press beside it."""

    type: Literal["section"]
    text: AnyText | None = None
    fields: list[Annotated[AnyText, _short(2000)]] | None = Field(default=None, min_length=1, max_length=10)
    accessory: Pressed | None = None
    expand: bool = False

    @model_validator(mode="after")
    def _something(self) -> "Section":
        if self.text is None and self.fields is None:
            message = "a section needs text or fields"
            raise ValueError(message)
        return self


class Context(_Block):
    """Small print."""

    type: Literal["context"]
    elements: list[AnyText] = Field(min_length=1, max_length=10)


class Divider(_Block):
    """A line."""

    type: Literal["divider"]


class Actions(_Block):
    """What can be pressed."""

    type: Literal["actions"]
    elements: Annotated[
        list[Pressed],
        Field(min_length=1, max_length=25),
        _unique("the action_id", lambda elements: [element.action_id for element in elements]),
    ]


class Input(_Block):
    """What is to be filled in."""

    type: Literal["input"]
    label: Annotated[PlainText, _short(2000)]
    element: Filled
    hint: Annotated[PlainText, _short(2000)] | None = None
    optional: bool = False
    dispatch_action: bool = False


class MarkdownBlock(_Block):
    """Standard Markdown."""

    type: Literal["markdown"]
    text: str = Field(min_length=1, max_length=12_000)


class _Style(_Strict):
    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False


class RichText(_Strict):
    """A piece of text."""

    type: Literal["text"]
    text: str = Field(min_length=1)
    style: _Style | None = None


class RichLink(_Strict):
    """A link."""

    type: Literal["link"]
    url: str = Field(min_length=1, max_length=3000)
    text: str | None = None
    style: _Style | None = None


class RichEmoji(_Strict):
    """An emoji by its name."""

    type: Literal["emoji"]
    name: str


class RichUser(_Strict):
    """A person."""

    type: Literal["user"]
    user_id: str


Piece = Annotated[RichText | RichLink | RichEmoji | RichUser, Field(discriminator="type")]


class RichSection(_Strict):
    """A paragraph of pieces; also a quote, or text of fixed width."""

    type: Literal["rich_text_section", "rich_text_quote", "rich_text_preformatted"]
    elements: list[Piece] = Field(min_length=1)
    border: int | None = None


class RichList(_Strict):
    """Bullets, or numbers."""

    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: list[RichSection] = Field(min_length=1)
    indent: int = 0
    border: int | None = None


class RichBlock(_Block):
    """Formatted text as a structure."""

    type: Literal["rich_text"]
    elements: list[Annotated[RichSection | RichList, Field(discriminator="type")]] = Field(min_length=1)


Block = Annotated[
    Header | Section | Context | Divider | Actions | Input | MarkdownBlock | RichBlock, Field(discriminator="type")
]


def _ids(blocks: list[Any]) -> list[str]:
    return [block.block_id for block in blocks if block.block_id is not None]


Unique = _unique("the block_id", _ids)
MessageBlocks = Annotated[list[Block], Field(max_length=MESSAGE_BLOCKS), Unique]
ViewBlocks = Annotated[list[Block], Field(max_length=VIEW_BLOCKS), Unique]


class _View(_Strict):
    blocks: ViewBlocks
    private_metadata: str = Field(default="", max_length=3000)
    callback_id: str = Field(default="", max_length=255)
    external_id: str = Field(default="", max_length=255)


class Modal(_View):
    """A window over the conversation."""

    type: Literal["modal"]
    title: Annotated[PlainText, _short(24)]
    submit: Annotated[PlainText, _short(24)] | None = None
    close: Annotated[PlainText, _short(24)] | None = None
    clear_on_close: bool = False
    notify_on_close: bool = False

    @model_validator(mode="after")
    def _submits(self) -> "Modal":
        if self.submit is None and any(block.type == "input" for block in self.blocks):
            message = "a modal with input blocks needs `submit`"
            raise ValueError(message)
        return self


class Home(_View):
    """The app's own page."""

    type: Literal["home"]


_MESSAGE: TypeAdapter[Any] = TypeAdapter(MessageBlocks)
_VIEW: TypeAdapter[Any] = TypeAdapter(Annotated[Modal | Home, Field(discriminator="type")])


def faults_of_message(blocks: Any) -> list[str]:
    """Why Slack would refuse these blocks; empty when it would not."""
    return _faults(_MESSAGE, blocks)


def faults_of_view(view: Any) -> list[str]:
    """Why Slack would refuse this view; empty when it would not."""
    return _faults(_VIEW, view)


def _faults(adapter: TypeAdapter[Any], found: Any) -> list[str]:
    try:
        adapter.validate_python(found)
    except ValidationError as error:
        return [f"[ERROR] {one['msg']} [json-pointer:/{'/'.join(map(str, one['loc']))}]" for one in error.errors()]
    return []


def elements_of(blocks: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each element that can be pressed or filled in, with its block."""
    for block in blocks:
        found = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        yield from ((block, element) for element in found if element and "action_id" in element)
