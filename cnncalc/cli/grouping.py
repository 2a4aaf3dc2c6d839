"""Help whose options stand in groups."""

from __future__ import annotations

import click

# Options by what they are about, by their parameters' names; those of one command come first.
OPTION_GROUPS = {
    "Network": ("yaml_file", "spec", "reader", "unknown", "arguments", "input_shape"),
    "Figures": (
        *("batch", "intensity", "dtype", "roofline", "in_place", "runtime", "order", "train"),
        *("paths", "from_layer", "with_global"),
    ),
    "Rows and columns": (
        "plan",
        "layers",
        "all_layers",
        "depth",
        "sort",
        "top",
        "columns",
        "layout",
    ),
    "Drawing": ("cone", "axis", "image", "unit", "stretched", "animate", "theme"),
    "Output": ("form", "wide", "exact", "path"),
}
SHORT_FORM = "as_"  # --csv for --format csv: --format names them


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        group_of = {name: group for group, names in OPTION_GROUPS.items() for name in names}
        groups: dict[str, list[tuple[str, str]]] = {"Options": [], **{g: [] for g in OPTION_GROUPS}}
        for option in self.get_params(ctx):
            if not isinstance(option, click.Option):
                continue
            record, name = option.get_help_record(ctx), option.name or ""
            if record is not None and not name.startswith(SHORT_FORM):
                groups[group_of.get(name, "Options")].append(record)
        for group, records in groups.items():
            if records:
                with formatter.section(group):
                    formatter.write_dl(records)
