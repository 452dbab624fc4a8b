/********************************************************************************
 * Copyright (c) 2026 Contributors to the Eclipse Foundation
 *
 * See the NOTICE file(s) distributed with this work for additional
 * information regarding copyright ownership.
 *
 * This program and the accompanying materials are made available under the
 * terms of the Apache License Version 2.0 which is available at
 * https://www.apache.org/licenses/LICENSE-2.0
 *
 * SPDX-License-Identifier: Apache-2.0
 ********************************************************************************/

// Counts the heap allocations of a process into a file, when it is loaded with LD_PRELOAD: the same
// instrument for C++ and Rust, which disturbs no measurement of time. For glibc.

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>

extern "C" {
void *__libc_malloc(std::size_t size);
void *__libc_calloc(std::size_t count, std::size_t size);
void *__libc_realloc(void *memory, std::size_t size);
void *__libc_memalign(std::size_t alignment, std::size_t size);
void __libc_free(void *memory);
}

namespace {

// The contents of the file, which runner/allocations.rs reads.
struct Counts {
    std::atomic<std::uint64_t> allocations;
    std::atomic<std::uint64_t> live_bytes;
};

Counts unmapped;
std::atomic<Counts *> counts{&unmapped};

__attribute__((constructor)) void map_counts() {
    const char *path = std::getenv("BENCHMARK_ALLOCATIONS");
    const int file = path != nullptr ? open(path, O_RDWR) : -1;
    if (file < 0) {
        return;
    }
    void *mapped = mmap(nullptr, sizeof(Counts), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) {
        counts = static_cast<Counts *>(mapped);
    }
}

void *counted(void *memory) {
    if (memory != nullptr) {
        Counts *to = counts;
        to->allocations.fetch_add(1, std::memory_order_relaxed);
        to->live_bytes.fetch_add(malloc_usable_size(memory), std::memory_order_relaxed);
    }
    return memory;
}

void forget(void *memory) {
    if (memory != nullptr) {
        counts.load()->live_bytes.fetch_sub(malloc_usable_size(memory), std::memory_order_relaxed);
    }
}

}  // namespace

extern "C" {

void *malloc(std::size_t size) noexcept { return counted(__libc_malloc(size)); }

void *calloc(std::size_t count, std::size_t size) noexcept {
    return counted(__libc_calloc(count, size));
}

void *realloc(void *memory, std::size_t size) noexcept {
    forget(memory);
    return counted(__libc_realloc(memory, size));
}

void *memalign(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}

int posix_memalign(void **memory, std::size_t alignment, std::size_t size) noexcept {
    *memory = counted(__libc_memalign(alignment, size));
    return *memory != nullptr ? 0 : ENOMEM;
}

void free(void *memory) noexcept {
    forget(memory);
    __libc_free(memory);
}
}
