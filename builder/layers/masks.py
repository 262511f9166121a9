"""The arguments that hide steps from attention, as text of the forward line."""


def masks(
    name: str,
    causal: bool,
    padded: bool,
    *,
    attention: str,
    padding: str,
    lengths: str = "lengths",
    said: str = "is_causal",
) -> str:
    """The arguments that hide later steps and padding from attention; both masks are True where hidden.

    `attention` and `padding` are torch's names for the two masks, `said` its name for "the mask is causal", and
    `lengths` the port with the lengths.
    """
    steps, device = f"{name}.shape[1]", f"device={name}.device"
    text = ""
    if causal:
        ones = f"torch.ones({steps}, {steps}, dtype=torch.bool, {device})"
        text += f", {attention}={ones}.triu(1), {said}=True"
    if padded:
        text += f", {padding}=torch.arange({steps}, {device}) >= {{{lengths}}}[:, None]"
    return text
