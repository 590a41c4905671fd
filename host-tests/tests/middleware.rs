//! The middlewares around `token-credential`: the effect of each, and that of their order in a composition.

/// Defines a test for each function and each edition.
macro_rules! in_each_edition {
    (#[$test:meta] $($function:ident),+) => {
        mod in_0_2 {
            $(#[$test]
            async fn $function() -> anyhow::Result<()> {
                super::$function(host_tests::edition::Edition::Wasi02).await
            })+
        }
        mod in_0_3 {
            $(#[$test]
            async fn $function() -> anyhow::Result<()> {
                super::$function(host_tests::edition::Edition::Wasi03).await
            })+
        }
    };
}

#[path = "middleware/allow_scopes.rs"]
mod allow_scopes;
#[path = "middleware/cancellation.rs"]
mod cancellation;
#[path = "middleware/command_line.rs"]
mod command_line;
#[path = "middleware/composed.rs"]
mod composed;
#[path = "middleware/contract.rs"]
mod contract;
#[path = "middleware/fake.rs"]
mod fake;
#[path = "http_auth/hooks.rs"]
mod hooks;
#[path = "middleware/http_auth.rs"]
mod http_auth;
#[path = "middleware/log.rs"]
mod log;
#[path = "http_auth/order.rs"]
mod order;
#[allow(dead_code, reason = "other tests need the rest")]
#[path = "http_auth/scenario.rs"]
mod scenario;
#[path = "middleware/secret_environment.rs"]
mod secret_environment;
#[allow(dead_code, reason = "other tests need the rest")]
#[path = "http_auth/trace.rs"]
mod trace;
#[path = "http_auth/way.rs"]
mod way;
