//! Renewals beside the calls: how the editions are compared where one renews a token before it answers and
//! the other one after.

use crate::bindings::{AccessToken, CredentialError};
use crate::edition::Edition;
use crate::guest::Guest;
use crate::journal::Journal;
use anyhow::Result;
use std::collections::HashSet;
use std::time::Duration;

/// The tokens that a guest has handed out.
#[derive(Default)]
pub struct Renewals(HashSet<String>);

impl Renewals {
    /// Waits for what the guest does beside its calls, and tells whether it was a renewal: whether a token
    /// came that had come before, and something was sent all the same, after the first `sent_before`
    /// requests. What the next caller gets is then what the edition for WASI 0.2 gives at once.
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

/// On a paused clock it ends when nobody has anything to do.
const MOMENT: Duration = Duration::from_millis(1);
