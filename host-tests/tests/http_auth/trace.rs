//! The trace of this thread. A test with a runtime of one thread, and all that it starts, has one of its own.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

thread_local! {
    static EVENTS: RefCell<Vec<Recorded>> = const { RefCell::new(Vec::new()) };
}

/// An event or a span.
struct Recorded {
    target: &'static str,
    level: Level,
    text: String,
}

impl Recorded {
    fn is_ours(&self) -> bool {
        self.target.starts_with("azure_identity_wasmtime::http_auth")
    }
}

/// Begins a trace, and forgets that before it.
pub fn begin() {
    static SUBSCRIBED: Once = Once::new();
    // Globally: `tracing` caches whether an event is enabled by the first thread that reaches it.
    SUBSCRIBED.call_once(|| {
        tracing::subscriber::set_global_default(Registry::default().with(Recorder)).expect("it is the first");
    });
    EVENTS.with_borrow_mut(Vec::clear);
}

/// The warnings of http-auth, one a line.
pub fn log() -> String {
    EVENTS.with_borrow(|events| {
        let warnings = events.iter().filter(|event| event.is_ours() && event.level == Level::WARN);
        warnings.map(|event| format!("{}\n", event.text)).collect()
    })
}

/// The number of requests that http-auth has decided on.
pub fn decisions() -> usize {
    EVENTS.with_borrow(|events| events.iter().filter(|event| event.is_ours()).count())
}

/// All events and spans, of every level.
pub fn all() -> String {
    let line = |event: &Recorded| format!("{}: {}\n", event.target, event.text);
    EVENTS.with_borrow(|events| events.iter().map(line).collect())
}

struct Recorder;

impl<S: Subscriber> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let mut text = Text(attributes.metadata().name().to_owned());
        attributes.record(&mut text);
        record(attributes.metadata(), text.0);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        record(event.metadata(), text.0);
    }
}

fn record(metadata: &'static Metadata<'static>, text: String) {
    let (target, level) = (metadata.target(), *metadata.level());
    EVENTS.with_borrow_mut(|events| events.push(Recorded { target, level, text }));
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}
