mod pool {
    vsomeip_proc_macro::handler_pool! {
        static HANDLERS: [extern "C" fn(u64); 3] = handler;
    }

    extern "C" fn handler(_: usize, _: u64) {}
}

fn main() {
    pool::HANDLERS[0](0);
}
