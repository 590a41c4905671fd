//! `http-auth` between an app and the provider: which requests reach which service, with which token.

/// Defines a test for each function, with http-auth between the app and the network in this way.
macro_rules! over {
    ($module:ident: $way:expr; #[$test:meta] $($function:ident),+) => {
        mod $module {
            use crate::way::Way;
            use host_tests::edition::Edition;

            $(#[$test]
            async fn $function() -> anyhow::Result<()> {
                super::$function($way).await
            })+
        }
    };
}

/// As [`over`], as a component with each edition of the provider.
macro_rules! over_each_edition {
    ($($tests:tt)+) => {
        over! { over_0_2: Way::Composed(Edition::Wasi02); $($tests)+ }
        over! { over_0_3: Way::Composed(Edition::Wasi03); $($tests)+ }
    };
}

/// As [`over_each_edition`], and as the hooks of an embedder for an app of WASI 0.3.
macro_rules! over_each_way {
    ($($tests:tt)+) => {
        over_each_edition! { $($tests)+ }
        over! { through_hooks: Way::Hooks(Edition::Wasi03); $($tests)+ }
    };
}

#[path = "http_auth/attacks.rs"]
mod attacks;
#[path = "examples/azurite.rs"]
mod azurite;
#[path = "http_auth/bodies.rs"]
mod bodies;
#[path = "http_auth/cancellation.rs"]
mod cancellation;
#[path = "http_auth/challenges.rs"]
mod challenges;
#[cfg(unix)]
#[path = "http_auth/command_line.rs"]
mod command_line;
#[path = "http_auth/connection.rs"]
mod connection;
#[path = "http_auth/contract.rs"]
mod contract;
#[path = "http_auth/embedder.rs"]
mod embedder;
#[path = "http_auth/examples.rs"]
mod examples;
#[path = "http_auth/hooks.rs"]
mod hooks;
#[cfg(unix)]
#[path = "http_auth/javascript.rs"]
mod javascript;
#[path = "http_auth/loopback.rs"]
mod loopback;
#[path = "http_auth/memory.rs"]
mod memory;
#[path = "http_auth/order.rs"]
mod order;
#[cfg(unix)]
#[allow(dead_code, reason = "other tests need the rest")]
#[path = "languages/project.rs"]
mod project;
#[path = "http_auth/refusals.rs"]
mod refusals;
#[path = "http_auth/requests.rs"]
mod requests;
#[path = "http_auth/scenario.rs"]
mod scenario;
#[path = "http_auth/sync_app.rs"]
mod sync_app;
#[path = "http_auth/trace.rs"]
mod trace;
#[path = "http_auth/way.rs"]
mod way;
