use vsomeip_proc_macro::handler_pool;

handler_pool! {
    static NO_SLOT: [extern "C" fn(u64); 5000] = no_slot;
}

extern "C" fn no_slot(_: u64) {}

handler_pool! {
    static RUST_ABI: [extern "C" fn(u64); 5000] = rust_abi;
}

fn rust_abi(_: usize, _: u64) {}

handler_pool! {
    static ABSENT: [extern "C" fn(u64); 5000] = absent;
}

handler_pool! {
    static RESULT: [extern "C" fn(u64) -> u64; 5000] = no_result;
}

extern "C" fn no_result(_: usize, _: u64) {}

handler_pool! {
    static UNSAFE: [extern "C" fn(u64); 5000] = unsafe_handler;
}

unsafe extern "C" fn unsafe_handler(_: usize, _: u64) {}

fn main() {}
