//! The allocator, which remembers that it once had nothing to give: then the end of the process is told apart from a crash.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

use evidence::protocol::EXIT_MEMORY;
use nix::libc;

static EXHAUSTED: AtomicBool = AtomicBool::new(false);

/// Allocates as the system does and remembers a failure.
pub struct Remembering;

// SAFETY: every call goes to the system's allocator unchanged; the flag has no part in the memory that is given.
unsafe impl GlobalAlloc for Remembering {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc`.
        remember(unsafe { System.alloc(layout) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc_zeroed`.
        remember(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `realloc`.
        remember(unsafe { System.realloc(pointer, layout, size) })
    }
}

fn remember(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() {
        EXHAUSTED.store(true, Ordering::Relaxed);
    }
    pointer
}

/// Tells whether memory has ever been refused, and forgets it.
pub fn is_exhausted() -> bool {
    EXHAUSTED.swap(false, Ordering::Relaxed)
}

/// Makes an abort for want of memory end the process with [`EXIT_MEMORY`].
pub fn exit_when_exhausted() {
    extern "C" fn on_abort(_: libc::c_int) {
        if EXHAUSTED.load(Ordering::Relaxed) {
            // SAFETY: `_exit` may be called from a signal handler and runs nothing of this program.
            unsafe { libc::_exit(EXIT_MEMORY) }
        }
        // Otherwise `abort` goes on to end the process by the signal itself.
    }
    // SAFETY: the handler reads an atomic and makes one system call, both allowed there.
    unsafe { libc::signal(libc::SIGABRT, on_abort as extern "C" fn(libc::c_int) as libc::sighandler_t) };
}

/// Has the system's allocator keep pixel buffers of common sizes for the next picture: fresh pages cost more than pixels.
pub fn keep_freed_memory() {
    /// Largest size of block that glibc's heap takes, bytes; larger ones are mapped and returned one by one.
    const HEAP_BLOCK_BYTES: libc::c_int = 32 << 20;
    /// Free bytes at the heap's end that are kept.
    const KEPT_BYTES: libc::c_int = 256 << 20;
    #[cfg(target_env = "gnu")]
    // SAFETY: sets two numbers of the allocator before any other thread could exist.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, HEAP_BLOCK_BYTES);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT_BYTES);
    }
}
