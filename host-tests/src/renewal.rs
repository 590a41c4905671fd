//! Background renewals: how the editions are compared when one renews a token before it returns and the other one
//! afterwards.

use crate::bindings::{AccessToken, CredentialError};
use crate::edition::Edition;
use crate::guest::Guest;
use crate::journal::Journal;
use anyhow::Result;
use std::collections::HashSet;
use std::time::Duration;

/// The tokens that a guest has returned.
#[derive(Default)]
pub struct Renewals(HashSet<String>);

impl Renewals {
    /// Waits until the guest's background tasks are idle, and returns whether they renewed a token: whether the call
    /// returned a token that was returned before, and requests beyond the first `sent_before` were sent nevertheless.
    /// The next call then returns what the edition for WASI 0.2 returns at once.
    ///
    /// # Errors
    /// When the guest traps.
    pub async fn follow(
        &mut self,
        guest: &mut Guest,
        journal: &Journal,
        sent_before: usize,
        outcome: &Result<AccessToken, CredentialError>,
    ) -> Result<bool> {
        if guest.edition() == Edition::Wasi02 {
            return Ok(false);
        }
        guest.pass(MOMENT).await?;
        while journal.unanswered() > 0 {
            guest.pass(MOMENT).await?;
        }
        let is_known = outcome.as_ref().is_ok_and(|token| !self.0.insert(token.token.clone()));
        Ok(is_known && journal.sent().len() > sent_before)
    }
}

/// On a paused clock this moment passes when every task waits.
const MOMENT: Duration = Duration::from_millis(1);
