//! A token by certificate, and what it consists of.

use super::labels::{CERTIFICATE, FOR_SPEED, PBKDF2_FLOOR, RSA_FLOOR, RSA_OVERWRITING_FLOOR, RUST};
use crate::figures::{Goal, Row, Section, Value};
use crate::guests::for_speed;
use crate::measure::benchmark_host::BenchmarkHost;
use crate::measure::crypto;
use crate::measure::peers::Peers;
use crate::measure::timing::interleaved;
use crate::measure::token_server::TokenServer;
use anyhow::Result;
use host_tests::edition::Edition;
use std::time::Duration;

/// The time of a first token by certificate, of its signature and of the rounds of its file.
///
/// # Errors
/// When a provider returns no token.
pub fn section(host: &BenchmarkHost, server: &TokenServer, peers: &Peers) -> Result<Section> {
    let (secret, pem, pkcs12) = (crypto::secret(server), crypto::pem(server)?, crypto::pkcs12(server)?);
    let small = Edition::Wasi02.component();
    let [of_pkcs12, of_pem, of_secret, further, further_of_secret, signature, overwriting, rounds] =
        interleaved(
            SAMPLES,
            [
                crypto::first(host, small, &pkcs12)?,
                crypto::first(host, small, &pem)?,
                crypto::first(host, small, &secret)?,
                crypto::further(host, small, &pem)?,
                crypto::further(host, small, &secret)?,
                crypto::signature_alone(host, false)?,
                crypto::signature_alone(host, true)?,
                crypto::rounds_alone(host, ROUNDS)?,
            ],
        )?;
    let [fast_pkcs12, fast_pem, fast_further, fast_further_of_secret] = interleaved(
        SAMPLES,
        [
            crypto::first(host, for_speed(), &pkcs12)?,
            crypto::first(host, for_speed(), &pem)?,
            crypto::further(host, for_speed(), &pem)?,
            crypto::further(host, for_speed(), &secret)?,
        ],
    )?;
    let above = |time: Duration, than: Duration| Value::Time(time.saturating_sub(than));
    let row = |what: &str, ours, others, goals| Row { what: what.to_owned(), ours, others, goals };
    let goal = |by| vec![Goal { by, at_most: 1.1 }];
    let rows = vec![
        row(
            CERTIFICATE,
            Value::Time(of_pkcs12),
            vec![(RUST, peers.rust.certificate.map(Value::Time))],
            vec![],
        ),
        row("the same, certificate and key as they are (PEM)", Value::Time(of_pem), vec![], vec![]),
        row(
            "a further token with the same certificate, above one with a secret: the signature",
            above(further, further_of_secret),
            vec![
                (RSA_FLOOR, Some(Value::Time(signature))),
                (RSA_OVERWRITING_FLOOR, Some(Value::Time(overwriting))),
                (FOR_SPEED, Some(above(fast_further, fast_further_of_secret))),
            ],
            goal(RSA_FLOOR),
        ),
        row(
            "a first token by PEM, above one with a secret and the signature: reading the key",
            Value::Time(
                of_pem.saturating_sub(of_secret).saturating_sub(further.saturating_sub(further_of_secret)),
            ),
            vec![],
            vec![],
        ),
        row(
            "a first token by PKCS#12, above one by PEM: the rounds",
            above(of_pkcs12, of_pem),
            vec![(PBKDF2_FLOOR, Some(Value::Time(rounds))), (FOR_SPEED, Some(above(fast_pkcs12, fast_pem)))],
            goal(PBKDF2_FLOOR),
        ),
        row(
            "instructions of the signature",
            Value::Count(
                crypto::instructions_of_further(small, &pem)?
                    .saturating_sub(crypto::instructions_of_further(small, &secret)?),
            ),
            vec![(RSA_FLOOR, Some(Value::Count(crypto::instructions_of_signature_alone()?)))],
            vec![],
        ),
    ];
    Ok(Section {
        title: "A token by certificate",
        how: "RSA-2048. The floors are the crates `rsa` and `pbkdf2` alone in a component that is compiled for speed: a signature, \
              blinded and verified as the component's is; 5,120 rounds, as many as the file has (2,048 for each of two parts, and 2,048 of \
              the older derivation for its MAC, which have half the work); and the component itself, compiled for speed.",
        findings: findings(&rows, peers),
        rows,
        chart: None,
        moved: None,
    })
}

fn findings(rows: &[Row], peers: &Peers) -> Vec<String> {
    let (first, signature, rounds, instructions) = (&rows[0], &rows[2], &rows[4], &rows[5]);
    let floor = |row: &Row, name| row.other(name).map_or(0.0, Value::number) * 1e3;
    let mut findings = vec![];
    if signature.misses() || rounds.misses() {
        let fast = |row: &Row| row.other(FOR_SPEED).map_or_else(|| "–".to_owned(), |value| value.to_string());
        findings.push(format!(
            "A first token by PKCS#12, {}: the signature takes {}, of which `rsa` alone takes {:.2} ms in the same host, compiled for \
             speed, and {:.2} ms if it overwrites freed memory, as all memory is overwritten in the component. In instructions the signature is {:.2}× of `rsa` alone, so the difference is how fast the same \
             work runs. The rounds take {}, `pbkdf2` alone {:.2} ms. Compiled for speed as a whole the component takes {} and {}. The rounds of \
             the component include reading and decrypting the file.",
            first.ours,
            signature.ours,
            floor(signature, RSA_FLOOR),
            floor(signature, RSA_OVERWRITING_FLOOR),
            instructions.ratio(RSA_FLOOR).unwrap_or_default(),
            rounds.ours,
            floor(rounds, PBKDF2_FLOOR),
            fast(signature),
            fast(rounds),
        ));
    }
    if let Some(native) = peers.rust.certificate {
        findings.push(format!(
            "The native SDK takes {} with OpenSSL's assembly; the two floors in wasm together take {:.2} ms.",
            Value::Time(native),
            floor(signature, RSA_FLOOR) + floor(rounds, PBKDF2_FLOOR),
        ));
    }
    findings
}

/// The rounds of the file, counted as those of PBKDF2.
const ROUNDS: u32 = 2 * 2048 + 2048 / 2;
/// A sample takes up to 50 ms.
const SAMPLES: usize = 61;
