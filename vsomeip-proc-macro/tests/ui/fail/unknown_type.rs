vsomeip_proc_macro::handler_pool! {
    static HANDLERS: [extern "C" fn(&Message); 5000] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
