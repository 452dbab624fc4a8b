use vsomeip_proc_macro::handler_pool;

handler_pool! {
    static VARIADIC: [extern "C" fn(u64, ...); 3] = handler;
}

handler_pool! {
    static ATTRIBUTE: [extern "C" fn(#[cfg(all())] u64); 3] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
