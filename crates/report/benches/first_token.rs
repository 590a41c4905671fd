//! The start of an instance and its first token from IMDS, over loopback; beside the floor: a component that sends one GET and
//! does not read the response.
//!
//! `cargo bench -p report --bench first_token`

use anyhow::Result;
use criterion::Criterion;
use host_tests::edition::Edition;
use report::guests::ONE_GET;
use report::measure::benchmark_host::{BenchmarkHost, Counting, request};
use report::measure::token_server::TokenServer;

fn main() -> Result<()> {
    let (server, host) = (TokenServer::start()?, BenchmarkHost::new(Counting::Nothing)?);
    let mut criterion = Criterion::default().configure_from_args();
    let scope = "https://vault.azure.net/.default";
    let url = server.imds_url();
    let providers = [
        ("ours", Edition::Wasi02.component(), server.imds(), scope),
        ("without certificates", Edition::WithoutCertificates.component(), server.imds(), scope),
        ("floor", ONE_GET, Vec::new(), &*url),
    ];
    for (name, provider, env, scope) in providers {
        let (compiled, request) = (host.provider(provider)?, request(scope));
        let run = || compiled.start(&env)?.get_token(&request).map(drop);
        run()?;
        let mut failure = None;
        criterion.benchmark_group("first token").bench_function(name, |bencher| {
            bencher.iter(|| failure = run().err().or(failure.take()));
        });
        failure.map_or(Ok(()), Err)?;
    }
    criterion.final_summary();
    Ok(())
}
