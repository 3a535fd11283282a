"""Benchmarks: what speed is measured with. Each module measures one thing and returns its figures; `./ijaza bench` runs them."""
