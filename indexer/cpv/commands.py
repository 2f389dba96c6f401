"""``tenders cpv``."""

from __future__ import annotations

import typer

from indexer.cpv.evaluate_command import evaluate

app = typer.Typer()
cpv = typer.Typer(help="What the CPV classifier is made of, and what people say of its codes.", no_args_is_help=True)
app.add_typer(cpv, name="cpv")
cpv.command()(evaluate)
