//! An app of WASI 0.2 that executes the commands `raw` and `scan` of the app `http-client`, which is one of WASI 0.3.

use std::cell::RefCell;

#[path = "../../http-client/src/memory.rs"]
mod memory;
mod raw;

wit_bindgen::generate!({
    inline: "
        package host-tests:http-client-sync;
        world app { export run: func(command: string, order: string) -> string; }
    ",
});
export!(App);

struct App;

thread_local! {
    /// All that this app has received; it stays in memory, where `scan` finds it.
    static RECEIVED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

impl Guest for App {
    fn run(command: String, order: String) -> String {
        match command.as_str() {
            "/raw" => {
                let learned = raw::send(&order);
                RECEIVED.with_borrow_mut(|received| received.push(learned.clone()));
                learned
            }
            "/scan" => {
                let mut text = format!("{} bytes", memory::size());
                for needle in order.lines() {
                    text += &format!("\n{}", memory::count(needle.as_bytes()));
                }
                text
            }
            _ => "the commands are /raw and /scan".to_owned(),
        }
    }
}
