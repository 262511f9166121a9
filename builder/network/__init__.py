"""From drawing to running PyTorch: order, shapes, cost, problems, source, compile."""
