use vsomeip_proc_macro::handler_pool;

handler_pool! {
    static RUST: [fn(u64); 3] = handler;
}

handler_pool! {
    static IMPLIED: [extern fn(u64); 3] = handler;
}

handler_pool! {
    static UNWINDING: [extern "C-unwind" fn(u64); 3] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
