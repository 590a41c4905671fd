//! `http-auth` between an app and the provider: which requests reach which service, with which token.

/// Defines a test for each function and each edition of the provider.
macro_rules! over_each_edition {
    (#[$test:meta] $($function:ident),+) => {
        mod over_0_2 {
            $(#[$test]
            async fn $function() -> anyhow::Result<()> {
                super::$function(host_tests::edition::Edition::Wasi02).await
            })+
        }
        mod over_0_3 {
            $(#[$test]
            async fn $function() -> anyhow::Result<()> {
                super::$function(host_tests::edition::Edition::Wasi03).await
            })+
        }
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
#[path = "http_auth/examples.rs"]
mod examples;
#[path = "http_auth/loopback.rs"]
mod loopback;
#[path = "http_auth/memory.rs"]
mod memory;
#[path = "http_auth/order.rs"]
mod order;
#[path = "http_auth/refusals.rs"]
mod refusals;
#[path = "http_auth/requests.rs"]
mod requests;
#[path = "http_auth/scenario.rs"]
mod scenario;
