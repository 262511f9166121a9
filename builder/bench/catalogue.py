"""What `layerloom bench` can measure, by name."""

from collections.abc import Callable

from builder.bench.anomaly import bench_anomaly
from builder.bench.editing import bench_edit
from builder.bench.pairs import Row
from builder.bench.training import bench_train
from builder.bench.watching import bench_live

BENCHES: dict[str, Callable[..., list[Row]]] = {
    "train": bench_train,
    "anomaly": bench_anomaly,
    "edit": bench_edit,
    "live": bench_live,
}
