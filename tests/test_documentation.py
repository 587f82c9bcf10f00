"""What the documentation shows is what happens: in the README, and on every page of the site."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pyclingo_bridge.cli.docs import build_site, documentation_root
from tests import doc_pictures
from tests.conftest import ROOT
from tests.documentation import screens, snippets
from tests.documentation.commands import run_program, shell
from tests.documentation.made import made, with_transcripts
from tests.documentation.pages import DOCS, Block, blocks, pages
from tests.documentation.transcripts import commands, rewritten
from tests.mistakes import running as mistakes

README = ROOT / "README.md"
MADE = {str(path.relative_to(ROOT)): text for path, text in made().items()}
HELD_ELSEWHERE = {
    # By tests/test_messages.py, which makes the page once for several tests.
    str(mistakes.PAGE.relative_to(ROOT)),
    # By tests/test_pictures.py, by their words: another version of matplotlib draws a letter differently.
    *(str(path.relative_to(ROOT)) for path in doc_pictures.paths()),
}
SNIPPETS = [path for path in pages() if snippets.snippets(path)]
SPARK = DOCS / "how-to" / "spark.md"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MADE if name not in HELD_ELSEWHERE])
def test_what_is_made_is_as_it_would_be_made_now(name: str) -> None:
    assert (ROOT / name).read_text(encoding="utf-8") == MADE[name](), (
        f"{name} is not what `python -m tests.documentation {name}` makes: run it, and read what changes"
    )


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in SNIPPETS if path != SPARK], ids=named)
def test_snippets_of_python_do_what_the_page_shows(path: Path) -> None:
    assert len(snippets.run(path)) > 1


@pytest.mark.slow
def test_the_docstrings_sessions_are_what_python_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    import pyclingo_bridge
    import pyclingo_bridge.policy

    monkeypatch.chdir(ROOT)
    for module in (pyclingo_bridge, pyclingo_bridge.policy):
        results = doctest.testmod(module)
        assert results.attempted >= 2
        assert results.failed == 0


def test_one_command_makes_all_that_is_made_the_messages_and_the_pictures_too() -> None:
    assert set(MADE) >= HELD_ELSEWHERE
    pictures = {named(path) for path in DOCS.rglob("*.svg")}
    assert pictures <= set(MADE), "no command makes them"
    # A page of other makings would lose its own if its transcripts were run like those of a page.
    assert mistakes.PAGE not in with_transcripts()
    assert MADE[named(mistakes.PAGE)] is mistakes.page


def test_every_command_of_a_transcript_is_followed_by_what_it_prints() -> None:
    found = [(path, block) for path in with_transcripts() for block in blocks(path.read_text(encoding="utf-8"))]
    shown = [(path, block) for path, block in found if block.language == "console"]
    assert len(shown) >= 20
    for path, block in shown:
        assert len(list(commands(block.body))) < len(block.body.splitlines()), f"{path}: {block.body}"


def test_a_transcript_is_made_from_the_files_that_its_page_shows(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '```text title="said/here.txt"\nfirst\nsecond\n```\n\n'
        "   ```console\n   $ cat said/here.txt \\\n   > | tail -n 1\n   old\n   $ echo $?\n   ```\n"
    )
    new = rewritten(page)
    assert new.endswith("   $ cat said/here.txt \\\n   > | tail -n 1\n   second\n   $ echo $?\n   0\n   ```\n")


def test_a_command_is_run_with_its_exit_code_and_its_errors() -> None:
    with shell() as running:
        output, code = run_program(["decide", "nothing.json"], running.folder, {})
    assert code == 2
    assert "nothing.json" in output


def test_a_snippet_that_prints_something_else_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> 1 + 1\n3\n\n```\n")
    with pytest.raises(AssertionError, match="Expected"):
        snippets.run(page)


def test_the_readme_is_short_and_shows_what_it_promises() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    assert {block.language for block in blocks(text)} >= {"sh", "console", "python", "prolog"}


def test_a_clause_in_the_docs_stands_so_in_the_policy() -> None:
    section = (ROOT / "asp" / "policies" / "cp_phar_549" / "section_i_a.lp").read_text(encoding="utf-8")
    for path in (README, DOCS / "explanation" / "why-asp.md"):
        (clause,) = (entry for entry in blocks(path.read_text(encoding="utf-8")) if entry.language == "prolog")
        assert clause.body in section


def test_the_two_commands_are_one_line_each_and_name_what_exists() -> None:
    text = README.read_text(encoding="utf-8")
    main, test = (re.search(rf"<!-- {name} -->\n```sh\n([^\n]+)\n```", text) for name in ("main", "test"))
    assert main
    assert test
    case = re.search(r"decide (\S+\.json)", main[1])
    assert case
    assert (ROOT / case[1]).is_file()
    assert "-m pytest" in test[1]
    ci = (ROOT / ".ci" / "run").read_text()
    assert "command_of test" in ci


def test_links_lead_to_files_and_to_headings() -> None:
    for path in [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "examples" / "README.md"]:
        for target, anchor in links(path):
            found = (path.parent / target).resolve() if target else path
            assert found.exists(), f"{path}: {target}"
            if anchor and found.suffix == ".md":
                assert anchor in anchors(found), f"{path}: {target}#{anchor}"


def links(path: Path) -> Iterator[tuple[str, str]]:
    """The links of a page to files, and to headings."""
    text = without(
        path.read_text(encoding="utf-8"), ("text", "console", "py", "python", "sh", "prolog", "json")
    )
    yield from re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text)


def without(text: str, languages: tuple[str, ...]) -> str:
    """A page without its blocks of code in these languages."""
    left: list[Block] = [block for block in blocks(text) if block.language in languages]
    for block in reversed(left):
        text = text[: block.start] + text[block.end :]
    return text


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings."""
    headings = re.findall(r"(?m)^#{1,4} (.+)$", path.read_text(encoding="utf-8"))
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip()) for heading in headings}


@pytest.mark.parametrize("width", screens.WIDTHS)
def test_a_screen_says_in_words_what_it_shows_and_asks_nothing_of_the_network(width: int) -> None:
    for screen in screens.SCREENS:
        svg = screens.path_of(screen, width).read_text(encoding="utf-8")
        assert f"{width} columns wide: {screen.command.split(' --')[0]}" in svg
        assert screen.about in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_the_chart_says_its_numbers_in_words() -> None:
    svg = (DOCS / "pictures" / "how-fast.svg").read_text(encoding="utf-8")
    assert "this package, a table, outcome: 34,079,629 a second" in svg
    told = README.read_text(encoding="utf-8") + (DOCS / "about" / "benchmarks.md").read_text(encoding="utf-8")
    for number in ("34,079,629", "12,346,237", "3,521,222", "48,277,437", "20,563"):
        assert number in svg
        assert number in told


def test_every_key_of_an_answer_has_its_meaning_on_the_page_of_json() -> None:
    text = (DOCS / "reference" / "json.md").read_text(encoding="utf-8")
    keys = re.findall(r"(?m)^\| `(\w+)` \| .*? \| (.*) \|$", text)
    assert len(keys) > 300
    assert [key for key, meaning in keys if not meaning.strip()] == []
    assert "Attributes" not in text


def test_the_specification_has_each_section_once_in_six_pages() -> None:
    found = [path for path in (DOCS / "specification").glob("*.md") if path.name != "index.md"]
    numbers = [
        int(number)
        for path in found
        for number in re.findall(r"(?m)^## (\d+) ", path.read_text(encoding="utf-8"))
    ]
    assert len(found) == 6
    assert sorted(numbers) == list(range(1, 37))


def test_the_page_of_tasks_lists_in_four_groups_what_the_side_bar_lists() -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    bar = text[text.index("  - How to:") : text.index("  - Explanation:")]
    assert re.findall(r"(?m)^      - ([^:\n]+):$", bar) == [
        "One request",
        "Many requests",
        "A policy",
        "In a program",
    ]
    in_bar = set(re.findall(r"how-to/([\w-]+\.md)", bar))
    assert in_bar == {path.name for path in (DOCS / "how-to").glob("*.md")}
    listed = (DOCS / "how-to" / "index.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(([\w-]+\.md)\)", listed)) == in_bar - {"index.md"}


def test_what_to_install_is_said_for_a_clone_wherever_it_is_said_for_a_published_package() -> None:
    for path in pages():
        text = path.read_text(encoding="utf-8")
        # Messages name both in one line.
        for extras in re.findall(r"pip install 'pyclingo-bridge\[([\w,]+)\]'", text):
            assert re.search(rf"pip install '\.\[{extras}\]'", text), f"{path}: {extras}"


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_and_asks_nothing_of_another_server(tmp_path: Path) -> None:
    for package in ("mkdocs", "material", "mkdocstrings"):
        pytest.importorskip(package)
    build_site(documentation_root(), tmp_path, strict=True)
    built = {path.relative_to(tmp_path).with_suffix(".md") for path in tmp_path.rglob("*.html")}
    assert {path.relative_to(DOCS) for path in DOCS.rglob("*.md")} <= built
    for page in tmp_path.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert not re.findall(r"<(?:script|img|iframe)[^>]+src=\"?https?:|<link[^>]+href=\"?https?:", text), (
            page
        )
    assert (tmp_path / "search" / "search_index.js").is_file()
    assert "PartialDay" in (tmp_path / "reference" / "api.html").read_text(encoding="utf-8")


def test_docs_builds_where_it_is_told_and_says_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("pyclingo_bridge.cli.docs.lacks", lambda extra: "")
    monkeypatch.setattr("pyclingo_bridge.cli.docs.build_site", lambda root, folder: build_one(folder))
    output, code = run_program(["docs", "--build", "site"], tmp_path, {})
    assert code == 0
    assert output == f"{tmp_path / 'site' / 'index.html'}\n"
    assert (tmp_path / "site" / "index.html").read_text() == "built once"


@pytest.mark.parametrize("content", ["thesis.txt", "search/notes.txt"])
def test_docs_removes_nothing_from_a_folder_that_holds_something_else(content: str, tmp_path: Path) -> None:
    kept = tmp_path / "mine" / content
    kept.parent.mkdir(parents=True)
    kept.write_text("years of work")
    output, code = run_program(["docs", "--build", "mine"], tmp_path, {"COLUMNS": "500"})
    assert code == 2
    assert "no empty folder" in output
    assert kept.read_text() == "years of work"


def test_docs_opens_what_was_built_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    monkeypatch.setattr("pyclingo_bridge.cli.docs.lacks", lambda extra: "")
    monkeypatch.setattr("pyclingo_bridge.cli.docs.build_site", lambda root, folder: build_one(folder))
    monkeypatch.setattr("webbrowser.open", opened.append)
    for _ in range(2):
        output, code = run_program(["docs"], tmp_path, {"PYCLINGO_BRIDGE_CACHE": str(tmp_path / "cache")})
        assert code == 0
    assert opened == [Path(output.strip()).as_uri()] * 2
    assert Path(output.strip()).read_text() == "built once"


def build_one(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("built once")


def test_docs_without_its_extra_says_how_to_get_it_and_where_the_text_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("pyclingo_bridge.base.extras.find_spec", lambda name: None)
    output, code = run_program(["docs"], tmp_path, {})
    assert code == 2
    assert "docs]" in output
    assert str(documentation_root() / "docs" / "index.md") in output.replace("\n", "")
