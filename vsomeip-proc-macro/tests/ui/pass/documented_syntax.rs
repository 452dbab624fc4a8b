#![forbid(unsafe_code)]
#![deny(missing_docs)]
//! The syntax as documented, in a crate which demands documentation.

/// A message.
pub struct Message;

vsomeip_proc_macro::handler_pool! {
    /// Handlers of messages.
    pub static MESSAGE_HANDLERS: [extern "C" fn(generation: u64, message: &Message); 5000] = on_message;
}

extern "C" fn on_message(_: usize, _: u64, _: &Message) {}

fn main() {
    MESSAGE_HANDLERS[0](0, &Message);
}
