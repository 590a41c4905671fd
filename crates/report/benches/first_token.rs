//! From the creation of an instance to its first token from IMDS, over loopback; beside the floor: a
//! component that sends the one request and looks at nothing.
//!
//! `cargo bench -p report --bench first_token`

use anyhow::Result;
use criterion::Criterion;
use host_tests::edition::Edition;
use host_tests::guests::ONE_GET;
use report::measure::answering::Answering;
use report::measure::lab::{Counting, Lab, request};

fn main() -> Result<()> {
    let (server, lab) = (Answering::start()?, Lab::new(Counting::Nothing)?);
    let mut criterion = Criterion::default().configure_from_args();
    let scope = "https://vault.azure.net/.default";
    let url = server.imds_url();
    let providers = [
        ("ours", Edition::Wasi02.component(), server.imds(), scope),
        ("without certificates", Edition::WithoutCertificates.component(), server.imds(), scope),
        ("floor", ONE_GET, Vec::new(), &*url),
    ];
    for (name, provider, env, scope) in providers {
        let (machine, request) = (lab.provider(provider)?, request(scope));
        let run = || machine.start(&env)?.get_token(&request).map(drop);
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
