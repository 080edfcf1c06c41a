#pragma once
#include <stdint.h>

/// Allocations of this process so far.
uint64_t malloc_count_now(void);

/// Bytes that are allocated now.
uint64_t malloc_bytes_now(void);
