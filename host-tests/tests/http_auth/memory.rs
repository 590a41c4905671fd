//! The app searches its own memory for tokens.

use crate::scenario::{Scenario, ok};
use crate::way::Way;
use anyhow::{Context, Result};
use bytes::Bytes;
use http::Request;

const TARGET: &str = "https://my.blob.core.windows.net/c/b";

/// The variables of a service principal, so that there is a secret to search for.
const VARIABLES: &[(&str, &str)] = &[
    ("AZURE_TENANT_ID", azure_simulator::settings::TENANT_ID),
    ("AZURE_CLIENT_ID", azure_simulator::settings::CLIENT_ID),
    ("AZURE_CLIENT_SECRET", azure_simulator::settings::CLIENT_SECRET),
];

impl Scenario {
    /// The size of the app's memory, and the number of occurrences of each needle in it.
    async fn search(&mut self, order: &str, times: &str, needles: &[String]) -> Result<(usize, Vec<usize>)> {
        let hex: Vec<_> = needles
            .iter()
            .map(|it| it.bytes().map(|byte| format!("{byte:02x}")).collect::<String>())
            .collect();
        let request = Request::post(format!("http://app.example{order}"))
            .header("x-target", TARGET)
            .header("x-times", times)
            .header("x-scope", "https://storage.azure.com/.default")
            .body(Bytes::from(hex.join("\n")))?;
        let response = self.app.handle_all(vec![request]).await?.remove(0)?;
        let text = String::from_utf8(response.body().to_vec())?;
        let (size, counts) = text.split_once(" bytes").with_context(|| text.clone())?;
        let counts = counts.trim().lines().map(|line| Ok(line.parse()?)).collect::<Result<_>>()?;
        Ok((size.parse()?, counts))
    }
}

over_each_way! {
    #[tokio::test(start_paused = true)]
    an_apps_memory_contains_no_token_after_a_hundred_requests
}

/// Hooks stand between the network and everything that is composed with the app, also a provider.
mod with_a_provider_of_its_own {
    use super::the_same_search_finds_the_token_of_an_app_that_requests_one;

    over_each_edition! {
        #[tokio::test(start_paused = true)]
        the_same_search_finds_the_token_of_an_app_that_requests_one
    }
}

async fn an_apps_memory_contains_no_token_after_a_hundred_requests(way: Way) -> Result<()> {
    let mut scenario = Scenario::new(way, VARIABLES, "", |_| ok()).await?;
    // The first request reveals the token to search for.
    scenario.send("GET", TARGET, &[]).await??;
    let token = crate::scenario::audience(&scenario.seen()[0])?.1;
    let signature = token.rsplit('.').next().context("a token has three parts")?.to_owned();
    let secret = azure_simulator::settings::CLIENT_SECRET.to_owned();
    // A text of the app itself is found, so the search works.
    let known = "the paths are /send, /raw, /scan and /get-token".to_owned();
    let needles = [token.clone(), signature, token[..40].to_owned(), secret, known];
    let (size, found) = scenario.search("/scan", "100", &needles).await?;
    assert_eq!(scenario.seen().len(), 100);
    assert!(size >= 1 << 20, "{size} bytes are less than the whole memory");
    assert_eq!((&found[..4], found[4] > 0), (&[0, 0, 0, 0][..], true));
    Ok(())
}

async fn the_same_search_finds_the_token_of_an_app_that_requests_one(way: Way) -> Result<()> {
    let mut scenario = Scenario::new(way, VARIABLES, "", |_| ok()).await?;
    // The app's own provider sends its request in the same second as that of the middleware, so both get the same token.
    scenario.send("GET", TARGET, &[]).await??;
    scenario.search("/get-token", "0", &[]).await?;
    let tokens: Vec<_> = scenario
        .azure
        .secrets()
        .into_iter()
        .map(|(_, secret)| secret)
        .filter(|it| it.starts_with("eyJ"))
        .collect();
    let (_, found) = scenario.search("/get-token", "0", &tokens).await?;
    assert!(found.iter().any(|count| *count > 0), "{found:?} of {} tokens", tokens.len());
    Ok(())
}
