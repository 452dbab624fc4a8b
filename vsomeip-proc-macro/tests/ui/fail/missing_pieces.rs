use vsomeip_proc_macro::handler_pool;

handler_pool! {}

handler_pool! {
    const CONSTANT: [extern "C" fn(u64); 3] = handler;
}

handler_pool! {
    static NO_ARRAY: [extern "C" fn(u64)] = handler;
}

handler_pool! {
    static NO_SIZE: [extern "C" fn(u64);] = handler;
}

handler_pool! {
    static NO_HANDLER: [extern "C" fn(u64); 3];
}

handler_pool! {
    static NO_SEMICOLON: [extern "C" fn(u64); 3] = handler
}

handler_pool! {
    static CLOSURE: [extern "C" fn(u64); 3] = |slot, generation| ();
}

handler_pool! {
    static FIRST: [extern "C" fn(u64); 3] = handler;
    static SECOND: [extern "C" fn(u64); 3] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
