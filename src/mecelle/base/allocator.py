"""Settings of the C library's allocator, which decide a good part of the training speed on a processor."""

ALLOCATOR = {
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
    "MALLOC_TRIM_THRESHOLD_": "17179869184",
    "MALLOC_TOP_PAD_": "268435456",
}
"""glibc keeps large blocks in the process instead of handing them back after each step: up to 4 times the speed was
measured on two cores (docs/log.md). It reads them once, when the process starts. The heap then only grows, so training
keeps its shapes fixed."""
