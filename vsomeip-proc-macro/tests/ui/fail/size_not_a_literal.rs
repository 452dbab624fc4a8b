use vsomeip_proc_macro::handler_pool;

const SIZE: usize = 3;

handler_pool! {
    static CONSTANT: [extern "C" fn(u64); SIZE] = handler;
}

handler_pool! {
    static EXPRESSION: [extern "C" fn(u64); 2 + 1] = handler;
}

handler_pool! {
    static TEXT: [extern "C" fn(u64); "3"] = handler;
}

extern "C" fn handler(_: usize, _: u64) {}

fn main() {}
