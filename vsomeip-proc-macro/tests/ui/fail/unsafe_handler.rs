vsomeip_proc_macro::handler_pool! {
    static HANDLERS: [unsafe extern "C" fn(u64); 3] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
