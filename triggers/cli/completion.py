"""`evac completion`: the script that lets a shell complete commands, options, files, and the names of runbooks."""

from enum import StrEnum
from typing import Annotated

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]  # typer's own, of no public name

from triggers.cli.out import answer

app = typer.Typer(add_completion=False)


class Shell(StrEnum):
    """The shells that are known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_WHERE = {
    Shell.BASH: "# In ~/.bashrc: source <(evac completion bash)",
    Shell.ZSH: "# In ~/.zshrc, after compinit: source <(evac completion zsh)",
    Shell.FISH: "# evac completion fish > ~/.config/fish/completions/evac.fish",
}


@app.command()
def completion(shell: Annotated[Shell, typer.Argument(help="Your shell.")]) -> None:
    """Print the script that lets your shell complete evac's words: its last line says where it goes."""
    script = get_completion_script(prog_name="evac", complete_var="_EVAC_COMPLETE", shell=shell)
    answer(f"{script}\n{_WHERE[shell]}")
