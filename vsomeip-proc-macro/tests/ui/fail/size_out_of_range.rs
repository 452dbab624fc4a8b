use vsomeip_proc_macro::handler_pool;

handler_pool! {
    static NONE: [extern "C" fn(u64); 0] = handler;
}

handler_pool! {
    static TOO_MANY: [extern "C" fn(u64); 65_537] = handler;
}

handler_pool! {
    static OVERFLOWING: [extern "C" fn(u64); 99999999999999999999999999] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
