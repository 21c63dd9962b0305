"""The grammar of comments: what is a command and what only looks like one."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflowops.core.comment.grammar import Command, Malformed, parse
from workflowops.core.comment.hidden import hidden_spans, is_hidden
from workflowops.core.incident.issue import LONGEST_TEXT


def names(body: str) -> list[str]:
    return [each.name for each in parse(body)]


def only(body: str) -> Command:
    found = parse(body)
    assert len(found) == 1, found
    assert isinstance(found[0], Command), found[0]
    return found[0]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("/acknowledge", id="alone"),
        pytest.param("Looking.\n/acknowledge\nThanks", id="between lines of prose"),
        pytest.param("Looking.\r\n/acknowledge\r\nThanks", id="as browsers send line ends"),
        pytest.param("Looking.\r/acknowledge", id="old line ends"),
        pytest.param("   /acknowledge", id="three blanks before it"),
        pytest.param("/Acknowledge", id="capital"),
        pytest.param("/ACKNOWLEDGE.", id="full stop"),
        pytest.param("/acknowledge, please", id="comma"),
        pytest.param("/acknowledge: on it", id="colon"),
        pytest.param("/acknowledge\u00a0now", id="a blank that does not break"),
        pytest.param("/acknowledge   ", id="blanks behind it"),
        pytest.param("> Is anybody there?\n\n/acknowledge", id="below a quotation"),
        pytest.param("```\n/close\n```\n/acknowledge", id="below code"),
        pytest.param("Use `/close` later\n/acknowledge", id="below inline code"),
        pytest.param("<!-- /close -->\n/acknowledge", id="below an HTML comment"),
        pytest.param("a ` alone\n\n/acknowledge\n\nb ` alone", id="between backticks of two paragraphs"),
        pytest.param("a <!-- is not closed\n/acknowledge", id="below what is no HTML comment"),
        pytest.param("a \\`\n/acknowledge\n\\` b", id="between escaped backticks"),
        pytest.param("- item\n\n/acknowledge", id="below a list"),
        pytest.param("<details><summary>x</summary>\n\n/acknowledge\n\n</details>", id="in a fold"),
        pytest.param("> ```\n\n/acknowledge", id="below a code block that a quotation opened"),
        pytest.param("a \\<pre> b\n/acknowledge", id="below an escaped tag"),
        pytest.param("```x`` y\n/acknowledge", id="below what only looks like a fence"),
        pytest.param("<div title='a > b'>x</div>\n\n/acknowledge", id="below a tag with a sign in its attribute"),
        pytest.param("it took <x ms\n\n/acknowledge", id="below what only looks like a tag"),
        pytest.param("![a](https://x.example/(b).png 'c')\n/acknowledge", id="below a picture"),
        pytest.param("see [a](b) and [c][d]\n/acknowledge", id="below links"),
        pytest.param("it costs $$ a lot\n/acknowledge", id="below what is no mathematics"),
        pytest.param("<blockquote>a</blockquote>\n\n/acknowledge\n\n<q>b</q>", id="between two HTML quotations"),
        pytest.param("1. a\n   ```\n   b\n   ```\n\n/acknowledge", id="below code in a list"),
    ],
)
def test_the_first_word_of_a_line_is_a_command(body) -> None:
    assert names(body) == ["acknowledge"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("Please /acknowledge this", id="in the middle of a line"),
        pytest.param("```\n/acknowledge\n```", id="fenced"),
        pytest.param("```sh\r\n/acknowledge\r\n```", id="fenced, as browsers send it"),
        pytest.param("~~~\n/acknowledge\n~~~", id="fenced with tildes"),
        pytest.param("````\n```\n/acknowledge\n```\n````", id="a fence in a longer fence"),
        pytest.param("~~~\n```\n/acknowledge\n~~~", id="a fence in another fence"),
        pytest.param("```\n/acknowledge", id="a fence that is never closed"),
        pytest.param("```\n> ```\n/acknowledge\n```", id="a quoted fence does not close"),
        pytest.param("- ```\n  /acknowledge\n  ```", id="fenced in a list"),
        pytest.param("1. a\n   ```\n   /acknowledge\n   ```", id="fenced in a numbered list"),
        pytest.param("    /acknowledge", id="indented code"),
        pytest.param("\t/acknowledge", id="a tab"),
        pytest.param("`/acknowledge`", id="inline code"),
        pytest.param("see `here\n/acknowledge\nand` there", id="inline code over several lines"),
        pytest.param("see ``here `\n/acknowledge\nand`` there", id="inline code with longer marks"),
        pytest.param("> /acknowledge", id="quotation"),
        pytest.param(">/acknowledge", id="quotation without a blank"),
        pytest.param("> > /acknowledge", id="quotation in a quotation"),
        pytest.param("<!-- /acknowledge -->", id="HTML comment"),
        pytest.param("<!--\n\n/acknowledge\n\n-->", id="HTML comment over several lines"),
        pytest.param("<!--\n/acknowledge", id="HTML comment that is never closed"),
        pytest.param("a <!-- b\n/acknowledge\n--> c", id="HTML comment in a paragraph"),
        pytest.param("<pre>\n/acknowledge\n</pre>", id="HTML code"),
        pytest.param("a <code>\n/acknowledge\n</code>", id="inline HTML code"),
        pytest.param("<PRE class='x'>\n\n/acknowledge\n</PRE>", id="HTML code with an attribute"),
        pytest.param("<blockquote>\n\n/acknowledge", id="HTML quotation that is never closed"),
        pytest.param("> he said\n/acknowledge", id="right below a quotation, which GitHub draws into it"),
        pytest.param("> he said\nand so on\n/acknowledge", id="two lines below a quotation"),
        pytest.param("- > he said\n/acknowledge", id="right below a quotation in a list"),
        pytest.param("<![CDATA[\n\n/acknowledge\n]]>", id="CDATA"),
        pytest.param("a <![CDATA[\n/acknowledge\n]]>", id="CDATA in a paragraph"),
        pytest.param("<?php\n\n/acknowledge\n?>", id="processing instruction"),
        pytest.param("<?php\n\n/acknowledge", id="processing instruction that is never closed"),
        pytest.param("<!DOCTYPE\n\n/acknowledge\n>", id="declaration"),
        pytest.param("- <!--\n\n  /acknowledge\n  -->", id="HTML comment in a list"),
        *(
            pytest.param(f"a <{tag}>\n\n/acknowledge\n\n</{tag}>", id=tag)
            for tag in ("title", "style", "script", "textarea", "template", "samp", "kbd", "del", "q", "svg", "iframe")
        ),
        pytest.param("<blockquote>\n<blockquote>a</blockquote>\n\n/acknowledge\n</blockquote>", id="in a nested one"),
        pytest.param("<blockquote>\n\n```\n</blockquote>\n```\n\n/acknowledge", id="closed only in code"),
        pytest.param("a <code> b\n```\n</code>\n/acknowledge\n```", id="code that holds the end of an element"),
        pytest.param('<img alt="\n/acknowledge\n">', id="tag over several lines"),
        pytest.param('a <img alt="b > c\n/acknowledge\n"> d', id="attribute over several lines"),
        pytest.param('<div title="\n\n/acknowledge\n\n">', id="attribute over a blank line"),
        pytest.param("<div a' title='>\n\n/acknowledge\n\n'>", id="a quotation mark in a name"),
        pytest.param('[foo]: /url "a\n/acknowledge\nb"', id="title of a link's definition"),
        pytest.param('[foo\nbar]: /url "a\n/acknowledge\nb"', id="definition over two lines"),
        pytest.param('[foo](/url "a) b\n/acknowledge\nc")', id="title of a link"),
        pytest.param("![foo\n/acknowledge\nbar](/url)", id="text instead of a picture"),
        pytest.param("[foo][\n/acknowledge\n]", id="name of a link"),
        pytest.param("$$\n/acknowledge\n$$", id="mathematics"),
        pytest.param("$$\na\n\n/acknowledge\n\n$$", id="mathematics with blank lines"),
        pytest.param("a $$ b\n/acknowledge\n$$", id="mathematics in a paragraph"),
        pytest.param("```\n    ```\n/acknowledge\n```", id="a fence too far in does not close"),
        pytest.param("- ```\n  a\n```\n/acknowledge\n```", id="a fence that ends a list opens another"),
        pytest.param("- /acknowledge", id="list item"),
        pytest.param("1. /acknowledge", id="numbered item"),
        pytest.param("- [ ] /acknowledge", id="task"),
        pytest.param("# /acknowledge", id="heading"),
        pytest.param("| /acknowledge |", id="table"),
        pytest.param("**/acknowledge**", id="bold"),
        pytest.param("\\/acknowledge", id="escaped"),
        pytest.param("//acknowledge", id="two slashes"),
        pytest.param("/ acknowledge", id="a blank behind the slash"),
        pytest.param("/etc/passwd", id="path"),
        pytest.param("/acknowledge/", id="a slash behind it"),
        pytest.param("/acknowledge_now", id="another name"),
        pytest.param("/1", id="number"),
        pytest.param("/acknowledgé", id="a letter that no command has"),
        pytest.param("/acknowledge....", id="dots"),
        pytest.param("https://example.com/acknowledge", id="address"),
        pytest.param("a\u2028/acknowledge", id="a line separator that Markdown does not know"),
        pytest.param("a\x0b/acknowledge", id="a vertical tab"),
    ],
)
def test_what_is_shown_as_something_else_is_no_command(body) -> None:
    assert parse(body) == ()


def test_arguments_are_read_in_all_their_forms() -> None:
    command = only(
        '/stabilize Reason="Hot fix is in Git"  assigned-to=@ada PLAN=“next week” details=„ab“ lessons=”c” x="" done'
        " now"
    )
    assert command.arguments == {
        "reason": "Hot fix is in Git",
        "assigned_to": "@ada",
        "plan": "next week",
        "details": "ab",
        "lessons": "c",
        "x": "",
    }
    assert command.text == "done now"


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param("/acknowledge looking   into it", "looking into it", id="blanks"),
        pytest.param("/acknowledge I'm on it", "I'm on it", id="apostrophe"),
        pytest.param('/acknowledge "looking into it"', "looking into it", id="one quotation"),
        pytest.param("/acknowledge “looking into it”", "looking into it", id="one curly quotation"),
        pytest.param('/acknowledge "a=b is wrong"', "a=b is wrong", id="an equals sign in quotes"),
        pytest.param('/acknowledge he said "fine" to me', 'he said "fine" to me', id="quotes among words"),
        pytest.param('/acknowledge the 5" screen', 'the 5" screen', id="an inch"),
        pytest.param('/acknowledge "yes", he said', '"yes", he said', id="a comma behind quotes"),
        pytest.param("/acknowledge https://x.example/?a=b", "https://x.example/?a=b", id="address"),
        pytest.param("/acknowledge -1=2", "-1=2", id="an equals sign behind no name"),
        pytest.param(r'/acknowledge "say \"no\" \\ C:\x"', r'say "no" \ C:\x', id="escapes"),
        pytest.param("/acknowledge $(rm -rf /) `id` ${{ secrets.X }}", "$(rm -rf /) `id` ${{ secrets.X }}", id="shell"),
    ],
)
def test_words_that_are_no_arguments_are_a_text(line, text) -> None:
    assert only(line).text == text


def test_a_quotation_may_be_followed_by_a_sign_that_ends_a_sentence() -> None:
    assert only('/close reason="done".').arguments == {"reason": "done"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        pytest.param('/close reason="not closed', 'Close it, as in `/close reason="some words"`', id="no end"),
        pytest.param('/close reason="not closed\n"', 'Close it, as in `/close reason="some words"`', id="next line"),
        pytest.param('/close "not closed', 'as in `/close "some words"`', id="no end of a text"),
        pytest.param("/close reason=“no", 'as in `/close reason="some words"`', id="no end of a curly one"),
        pytest.param('/close reason="a"b', "right behind a closing quotation mark", id="something behind it"),
        pytest.param("/close reason='a b'", "single quotes", id="single quotes"),
        pytest.param("/close reason=\u2018a b\u2019", "single quotes", id="curly single quotes"),
        pytest.param("/close reason = done", "without blanks", id="blanks around"),
        pytest.param("/close reason= done", "without blanks", id="a blank behind"),
        pytest.param("/close reason =done", "without blanks", id="a blank before"),
        pytest.param("/close reason=", "without blanks", id="nothing behind"),
        pytest.param("/close reason=a reason=b", "`reason` is given twice", id="twice"),
        pytest.param("/close Assigned-To=a assigned_to=b", "`assigned_to` is given twice", id="twice, spelled apart"),
    ],
)
def test_what_cannot_be_read_is_told_with_the_right_way(line, told) -> None:
    found = parse(f"text\n{line}")
    assert len(found) == 1
    assert isinstance(found[0], Malformed)
    assert (found[0].name, found[0].line) == ("close", 2)
    assert told in found[0].problem


def test_the_right_way_that_is_shown_can_be_read() -> None:
    found = parse('/close reason="oops')
    assert isinstance(found[0], Malformed)
    example = found[0].problem.split("`")[1]
    assert only(example).arguments == {"reason": "some words"}


def test_several_commands_are_read_in_order_with_their_lines() -> None:
    found = parse("Hello\n/acknowledge on it\n\n> /close\n\n/assign @ada\n```\n/close\n```\n/status")
    assert [(each.name, each.line) for each in found] == [("acknowledge", 2), ("assign", 6), ("status", 10)]


@pytest.mark.parametrize(
    "mark",
    [
        *(
            "/",
            "/a\n",
            "`",
            "`\n",
            "``` \n",
            "~~~",
            "<!--",
            "<!-- x\n",
            "<pre ",
            "<code>",
            "> ",
            ">\n",
            "\\",
            "\t",
            " ",
        ),
        *('/a "', '/a x="y" ', '\\"', "- ", "1. ", "/a-", "/a k=", "``` `\n", "-->", "</pre>", "\r\n", "\u201c"),
        *(
            "<![CDATA[",
            "<?",
            "<!x ",
            "]]>",
            "$$",
            "$$\n",
            "$$$a\n",
            "![",
            "](",
            "][",
            "[a]: ",
            "[a\n",
            "<a ",
            "</a",
            "<a b='",
        ),
        *(
            '<a b="',
            "<div ",
            "<div a='\n",
            "<div\n",
            "- - ",
            "1. \n",
            "](a ",
            "![a\n",
            "<q>",
            "</q>",
            "<q><s>",
            "<a =",
            "<a b = ",
        ),
        *(" ```\n", "  ```\n", "> ```\n", "[\\[", "](\\", "](a(", "<a\n", "\n<b \n\n", "<svg><svg/>"),
    ],
    ids=repr,
)
def test_the_longest_comment_is_read_to_its_end(mark) -> None:
    """Quadratic time would be felt here at once: every pattern stands as often as GitHub lets it."""
    body = (mark * LONGEST_TEXT)[:LONGEST_TEXT]
    found = parse(body)
    hidden = hidden_spans(body)
    assert len(found) <= LONGEST_TEXT
    assert all(start < end for start, end in hidden)
    assert all(before[1] <= after[0] for before, after in pairwise(hidden))


def test_what_is_hidden_is_known_by_its_place() -> None:
    text = "a `b` c\n> d\n\n<!-- e -->\nf"
    spans = hidden_spans(text)
    assert [text[start:end] for start, end in spans] == ["`b`", "> d\n", "<!-- e -->"]
    hidden = "".join(character for place, character in enumerate(text) if is_hidden(spans, place))
    assert hidden == "`b`> d\n<!-- e -->"


MARKDOWN = st.lists(
    st.sampled_from(
        [
            *"`~<>!-#/\\\"'“”=ab \t\n\r|*",
            "/close",
            "```",
            "<!--",
            "-->",
            "<pre>",
            "</pre>",
            "x=",
            "\n\n",
            "    ",
            "\u00a0",
        ]
    ),
    max_size=60,
).map("".join)


@given(MARKDOWN | st.text())
def test_no_text_breaks_the_reader(body) -> None:
    for each in parse(body):
        assert each.name == each.name.lower()
        assert 1 <= each.line <= body.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1


@given(MARKDOWN | st.text(), st.sampled_from(["```", "~~~~", "`````"]))
def test_nothing_in_a_code_block_is_a_command(body, fence) -> None:
    inner = body.replace("`", "").replace("~", "")
    assert parse(f"{fence}\n{inner}\n{fence}") == ()


@given(MARKDOWN | st.text())
def test_nothing_in_a_quotation_is_a_command(body) -> None:
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert parse("\n".join(f"> {line}" for line in lines)) == ()


@given(st.text(st.characters(exclude_characters='"\\\n\r“”„'), min_size=1))
def test_what_is_quoted_comes_through_as_it_is(value) -> None:
    expected = value.replace("\u00a0", " ")
    assert only(f'/close reason="{value}"').arguments == {"reason": expected}
