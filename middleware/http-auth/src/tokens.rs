//! Tokens that are at hand: one for each scope and tenant, asked for once however many wait for it.
//!
//! The provider keeps tokens, too, renews them ahead of time and knows all about it. Here they are kept for as long
//! as nothing is to be decided: until they are due for renewal. After that the provider is asked each time.

use crate::prelude::*;
use crate::target::Server;
use alloc::rc::Rc;
use core::cell::RefCell;
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// Whoever gives out tokens.
pub trait Provider {
    /// A token; the error is for people and holds no secret.
    fn get_token(&self, want: &Want) -> impl Future<Output = Result<Token, String>>;

    /// The time, in seconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;
}

/// What a token is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// The scope.
    pub scope: String,
    /// The tenant; `None`: the provider's own.
    pub tenant: Option<String>,
    /// Whether it may be one that can be revoked at once.
    pub enable_cae: bool,
    /// The claims that it has to satisfy, JSON text. It is then never one that is at hand.
    pub claims: Option<String>,
}

/// A token. The components' allocator overwrites it when it is dropped.
pub struct Token {
    /// The token itself.
    pub secret: String,
    /// When it ends, in seconds since 1970-01-01T00:00:00Z.
    pub expires_on: u64,
    /// From when on the provider is to be asked again.
    pub refresh_on: Option<u64>,
}

impl core::fmt::Debug for Token {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Token").field("expires_on", &self.expires_on).finish_non_exhaustive()
    }
}

impl Token {
    /// Whether nothing is to be decided about it yet. As everywhere in Azure's SDKs, a token is not used in its
    /// last five minutes.
    fn is_fresh(&self, now: u64) -> bool {
        let last = self.expires_on.saturating_sub(FIVE_MINUTES);
        now < self.refresh_on.map_or(last, |refresh_on| refresh_on.min(last))
    }
}

const FIVE_MINUTES: u64 = 300;

/// Why there is no token.
pub type Failure = Rc<str>;

/// The tokens of an instance.
#[derive(Default)]
pub struct Tokens(RefCell<Vec<Slot>>);

/// What is known of one sort of token; claims change with every challenge and make no sort.
#[derive(Default)]
struct Slot {
    scope: String,
    tenant: Option<String>,
    enable_cae: bool,
    token: Option<Rc<Token>>,
    /// The last failure, if no token came after it.
    failure: Option<Failed>,
    /// Whether the provider is being asked, and how often it has answered.
    is_asked: bool,
    rounds: u64,
    waiting: Vec<Waker>,
}

/// How the provider failed. What it says to one service's claims says nothing about other requests.
struct Failed {
    on: u64,
    failure: Failure,
    is_of_claims: bool,
}

/// The tenants that services named, so that each has to say it once.
#[derive(Default)]
pub struct Tenants(RefCell<Vec<(Server, String)>>);

impl Tenants {
    /// The tenant that a server named; `None`: it named none.
    pub fn of(&self, server: &Server) -> Option<String> {
        self.0.borrow().iter().find(|(known, _)| known == server).map(|(_, tenant)| tenant.clone())
    }

    /// Notes that a server took a token of a tenant.
    pub fn learn(&self, server: Server, tenant: String) {
        let mut known = self.0.borrow_mut();
        known.retain(|(other, _)| *other != server);
        if known.len() >= MOST_SLOTS {
            known.clear();
        }
        known.push((server, tenant));
    }
}

/// Tenants come from challenges, so from outside.
const MOST_SLOTS: usize = 64;

impl Tokens {
    /// A token that is at hand, or a new one.
    ///
    /// `refused` is the token that a service would not have, if there is one: another that is at hand by now is as
    /// good as a new one. However many ask at once, the provider is asked once; and a failure is the answer to
    /// all who waited for it, and to those who come within the same second.
    ///
    /// # Errors
    /// When the provider has none.
    pub async fn get(
        &self,
        provider: &impl Provider,
        want: &Want,
        refused: Option<&Rc<Token>>,
    ) -> Result<Rc<Token>, Failure> {
        let mut waited_for = None;
        let at_hand = poll_fn(|context| {
            let now = provider.now();
            let has_claims = want.claims.is_some();
            self.with_slot(want, |slot| slot.look(now, has_claims, refused, &mut waited_for, context.waker()))
        });
        if let Some(outcome) = at_hand.await {
            return outcome;
        }
        let mut asking = Asking { tokens: self, want, outcome: None };
        let outcome = provider.get_token(want).await.map(Rc::new).map_err(Failure::from);
        asking.outcome = Some((provider.now(), outcome.clone()));
        outcome
    }

    /// Forgets a token that a service would not have, and that it named no way out for.
    pub fn forget(&self, want: &Want, refused: &Rc<Token>) {
        self.with_slot(want, |slot| slot.token.take_if(|token| token.secret == refused.secret));
    }

    fn with_slot<T>(&self, want: &Want, act: impl FnOnce(&mut Slot) -> T) -> T {
        let mut slots = self.0.borrow_mut();
        let is_for = |slot: &Slot| {
            slot.scope == want.scope && slot.tenant == want.tenant && slot.enable_cae == want.enable_cae
        };
        if let Some(slot) = slots.iter_mut().find(|slot| is_for(slot)) {
            return act(slot);
        }
        if slots.len() >= MOST_SLOTS {
            slots.retain(|slot| slot.is_asked);
        }
        let mut slot = Slot {
            scope: want.scope.clone(),
            tenant: want.tenant.clone(),
            enable_cae: want.enable_cae,
            ..Slot::default()
        };
        let outcome = act(&mut slot);
        slots.push(slot);
        outcome
    }
}

impl Slot {
    /// What is at hand; `Ready(None)`: whoever looked has to ask now.
    fn look(
        &mut self,
        now: u64,
        has_claims: bool,
        refused: Option<&Rc<Token>>,
        waited_for: &mut Option<u64>,
        waker: &Waker,
    ) -> Poll<Option<Result<Rc<Token>, Failure>>> {
        let is_refused = |token: &Rc<Token>| refused.is_some_and(|refused| refused.secret == token.secret);
        let token = self.token.as_ref().filter(|token| !is_refused(token));
        // Whoever the provider is asked for, and whatever it says to them.
        if let Some(token) = token.filter(|token| token.is_fresh(now)) {
            return Poll::Ready(Some(Ok(Rc::clone(token))));
        }
        if self.is_asked {
            *waited_for = Some(self.rounds);
            self.waiting.push(waker.clone());
            return Poll::Pending;
        }
        // The answer that was waited for is good for this once, even if it is due for renewal already.
        let has_waited = waited_for.is_some_and(|round| round < self.rounds);
        let failed = self.failure.as_ref().filter(|failed| failed.is_of_claims == has_claims);
        match (failed, token.filter(|_| has_waited)) {
            (Some(failed), _) if has_waited || failed.on == now => {
                Poll::Ready(Some(Err(Rc::clone(&failed.failure))))
            }
            (None, Some(token)) if self.failure.is_none() => Poll::Ready(Some(Ok(Rc::clone(token)))),
            _ => {
                self.is_asked = true;
                Poll::Ready(None)
            }
        }
    }
}

/// Whoever asks the provider. However that ends, cancelled for one, those who wait are told.
struct Asking<'a> {
    tokens: &'a Tokens,
    want: &'a Want,
    outcome: Option<(u64, Result<Rc<Token>, Failure>)>,
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let outcome = self.outcome.take();
        let waiting = self.tokens.with_slot(self.want, |slot| {
            slot.is_asked = false;
            if let Some((now, outcome)) = outcome {
                slot.rounds = slot.rounds.wrapping_add(1);
                match outcome {
                    Ok(token) => (slot.token, slot.failure) = (Some(token), None),
                    Err(failure) => {
                        slot.failure =
                            Some(Failed { on: now, failure, is_of_claims: self.want.claims.is_some() });
                    }
                }
            }
            core::mem::take(&mut slot.waiting)
        });
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests;
