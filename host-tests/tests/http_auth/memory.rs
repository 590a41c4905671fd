//! The app looks through its own memory.

use crate::scene::{Scene, ok};
use anyhow::{Context, Result};
use bytes::Bytes;
use host_tests::edition::Edition;
use http::Request;

const TARGET: &str = "https://my.blob.core.windows.net/c/b";

/// The variables of a service principal: there is a secret to be found, too.
const VARIABLES: &[(&str, &str)] = &[
    ("AZURE_TENANT_ID", azure_simulator::settings::TENANT_ID),
    ("AZURE_CLIENT_ID", azure_simulator::settings::CLIENT_ID),
    ("AZURE_CLIENT_SECRET", azure_simulator::settings::CLIENT_SECRET),
];

impl Scene {
    /// How large the app's memory is, and how often each needle stands in it.
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
        let answer = self.app.answer_all(vec![request]).await?.remove(0)?;
        let text = String::from_utf8(answer.body().to_vec())?;
        let (size, counts) = text.split_once(" bytes").with_context(|| text.clone())?;
        let counts = counts.trim().lines().map(|line| Ok(line.parse()?)).collect::<Result<_>>()?;
        Ok((size.parse()?, counts))
    }
}

over_each_edition! {
    #[tokio::test(start_paused = true)]
    an_apps_memory_holds_no_token_after_a_hundred_requests,
    the_same_search_finds_the_token_of_an_app_that_asks_for_one
}

async fn an_apps_memory_holds_no_token_after_a_hundred_requests(edition: Edition) -> Result<()> {
    let mut scene = Scene::set(edition, VARIABLES, "", |_| ok()).await?;
    // Once to learn the token, which the search is then for.
    scene.send("GET", TARGET, &[]).await??;
    let token = crate::scene::audience(&scene.seen()[0])?.1;
    let signature = token.rsplit('.').next().context("a token has three parts")?.to_owned();
    let secret = azure_simulator::settings::CLIENT_SECRET.to_owned();
    // What the app does know is found, so the search does search.
    let known = "there are /send, /scan and /get-token".to_owned();
    let needles = [token.clone(), signature, token[..40].to_owned(), secret, known];
    let (size, found) = scene.search("/scan", "100", &needles).await?;
    assert_eq!(scene.seen().len(), 100);
    assert!(size >= 1 << 20, "a memory of {size} bytes is not all of it");
    assert_eq!((&found[..4], found[4] > 0), (&[0, 0, 0, 0][..], true));
    Ok(())
}

async fn the_same_search_finds_the_token_of_an_app_that_asks_for_one(edition: Edition) -> Result<()> {
    let mut scene = Scene::set(edition, VARIABLES, "", |_| ok()).await?;
    // The app's own provider asks at the same second as the middleware's, so that both get the same token.
    scene.send("GET", TARGET, &[]).await??;
    scene.search("/get-token", "0", &[]).await?;
    let tokens: Vec<_> = scene
        .azure
        .secrets()
        .into_iter()
        .map(|(_, secret)| secret)
        .filter(|it| it.starts_with("eyJ"))
        .collect();
    let (_, found) = scene.search("/get-token", "0", &tokens).await?;
    assert!(found.iter().any(|count| *count > 0), "{found:?} of {} tokens", tokens.len());
    Ok(())
}
