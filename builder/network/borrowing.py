"""Library blocks on their way into a drawing: the edit that places one, with the ports it is wired by."""

from builder.network.ports import block_ports
from builder.spec.block_edits import PlaceBlock
from builder.spec.block_file import BlockFile
from builder.spec.network import Wire


def place_block(
    file: BlockFile,
    graph: str,
    node_id: str,
    *,
    after: str | None = None,
    into: Wire | None = None,
    at: tuple[float, float] | None = None,
) -> PlaceBlock:
    """The edit that places a library block into a wire, after a node, or free at canvas pixels.

    Its first input and first output take over the connection; its further inputs stay free.
    """
    inputs, outputs = block_ports(file.block)
    return PlaceBlock(
        graph=graph,
        file=file,
        node=node_id,
        after=after,
        into=into,
        input_port=inputs[0].name if inputs else None,
        output_port=outputs[0],
        x=at[0] if at else None,
        y=at[1] if at else None,
    )
