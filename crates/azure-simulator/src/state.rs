//! What all fakes share: settings, clock, what breaks, what was issued, the journal.

use std::collections::{HashSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::Value;

use super::entra::sign_ins::SignIns;
use super::fault::Faults;
use super::journal::Journal;
use super::jwt;
use super::key_vault::settings::{KeyVault, Secret};
use super::settings::{Application, RefreshToken, RefreshTokenState, Settings, Tenant, User};
use crate::clock::Clock;

/// The one state behind all clones of an [`Azure`](crate::Azure).
pub struct State {
    /// What Azure looks like.
    pub settings: Settings,
    /// What breaks.
    pub faults: Faults,
    /// Who is signing in.
    pub sign_ins: SignIns,
    /// What happened.
    pub journal: Journal,
    clock: Box<dyn Clock>,
    ids: AtomicU64,
    refresh_tokens: Mutex<Vec<HeldToken>>,
    issued: Mutex<VecDeque<(String, String)>>,
    assertions: Mutex<HashSet<String>>,
}

/// A refresh token and whose it is.
#[derive(Clone, Debug)]
pub struct HeldToken {
    /// The token.
    pub refresh_token: RefreshToken,
    /// The object id of its user.
    pub oid: String,
}

impl State {
    /// The state at the beginning.
    pub fn new(clock: Box<dyn Clock>, settings: Settings) -> State {
        let held = settings.users.iter().flat_map(|user| {
            let held =
                |token: &RefreshToken| HeldToken { refresh_token: token.clone(), oid: user.oid.clone() };
            user.refresh_tokens.iter().map(held)
        });
        State {
            faults: Faults::new(settings.faults.clone()),
            sign_ins: SignIns::default(),
            journal: Journal::default(),
            clock,
            ids: AtomicU64::new(0),
            refresh_tokens: Mutex::new(held.collect()),
            issued: Mutex::default(),
            assertions: Mutex::default(),
            settings,
        }
    }

    /// The time, in unix seconds.
    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// An id of the form of a GUID that no other thing has. They count up, so that two runs of one
    /// test look alike.
    pub fn new_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.ids.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Signs a token and remembers it as a secret called `what`.
    pub fn issue_token(&self, what: &str, claims: &Value) -> String {
        let token = jwt::sign(claims);
        self.remember(what, &token);
        token
    }

    /// Issues a refresh token that `client_id` may redeem for the user, and its family if that is set.
    pub fn issue_refresh_token(&self, oid: &str, client_id: &str, family: bool) -> String {
        let token = format!("1.{}~refresh+token/{}", jwt::base64url(client_id), self.new_id());
        self.remember(&format!("refresh token of {oid}"), &token);
        let (client_id, state) = (client_id.to_owned(), Default::default());
        let refresh_token = RefreshToken { token: token.clone(), client_id, family, state };
        let mut all = self.refresh_tokens.lock().expect("no holder of this lock panics");
        all.push(HeldToken { refresh_token, oid: oid.to_owned() });
        token
    }

    /// The refresh token that is spelled so.
    pub fn refresh_token(&self, token: &str) -> Option<HeldToken> {
        let all = self.refresh_tokens.lock().expect("no holder of this lock panics");
        all.iter().find(|held| held.refresh_token.token == token).cloned()
    }

    /// Ends a refresh token.
    pub fn revoke_refresh_token(&self, token: &str) {
        let mut all = self.refresh_tokens.lock().expect("no holder of this lock panics");
        let is_it = |held: &&mut HeldToken| held.refresh_token.token == token;
        all.iter_mut().filter(is_it).for_each(|held| held.refresh_token.state = RefreshTokenState::Revoked);
    }

    /// Whether no assertion with this `jti` came before.
    pub fn is_first_use(&self, jti: &str) -> bool {
        let mut assertions = self.assertions.lock().expect("no holder of this lock panics");
        if assertions.len() == MOST_SECRETS {
            assertions.clear(); // all of them have expired long since
        }
        assertions.insert(jti.to_owned())
    }

    /// Every secret in the settings, then every one issued, as (what it is, the secret).
    pub fn secrets(&self) -> Vec<(String, String)> {
        let issued = self.issued.lock().expect("no holder of this lock panics");
        self.settings.secrets().into_iter().chain(issued.iter().cloned()).collect()
    }

    /// Notes a secret that it knows or issued, called `what`.
    pub fn remember(&self, what: &str, secret: &str) {
        let mut issued = self.issued.lock().expect("no holder of this lock panics");
        if issued.len() == MOST_SECRETS {
            issued.pop_front(); // a simulator that runs for days must not grow for ever
        }
        issued.push_back((what.to_owned(), secret.to_owned()));
    }
}

impl Settings {
    /// The tenant that something with this `tenant` setting belongs to.
    pub fn tenant(&self, id: Option<&str>) -> Option<&Tenant> {
        match id {
            Some(id) => self.tenants.iter().find(|tenant| tenant.id.eq_ignore_ascii_case(id)),
            None => self.tenants.first(),
        }
    }

    /// Whether `tenant` is the home of something with this `tenant` setting.
    pub fn is_home(&self, tenant: &Tenant, id: Option<&str>) -> bool {
        self.tenant(id).is_some_and(|home| home.id == tenant.id)
    }

    /// Whether `application` has a service principal in `tenant`.
    pub fn has(&self, application: &Application, tenant: &Tenant) -> bool {
        application.multi_tenant || self.is_home(tenant, application.tenant.as_deref())
    }

    /// The user with this object id.
    pub fn user(&self, oid: &str) -> Option<&User> {
        self.users.iter().find(|user| user.oid == oid)
    }

    /// Every secret that is written down in the settings, as (what it is, the secret).
    pub fn secrets(&self) -> Vec<(String, String)> {
        let of_application = |it: &Application| {
            let what = format!("client secret of {}", it.client_id);
            let all: Vec<_> = it.secrets.iter().chain(&it.expired_secrets).cloned().collect();
            all.into_iter().map(move |secret| (what.clone(), secret))
        };
        let of_user = |it: &User| {
            let what = format!("refresh token of {}", it.oid);
            let all: Vec<_> = it.refresh_tokens.iter().map(|it| it.token.clone()).collect();
            let password = it.password.iter().map(|it| ("password".to_owned(), it.clone()));
            all.into_iter().map(move |secret| (what.clone(), secret)).chain(password.collect::<Vec<_>>())
        };
        let of_job = ("System.AccessToken".to_owned(), self.pipelines.system_access_token.clone());
        let of_hosts = self.managed_hosts.secrets().into_iter().chain([of_job]);
        let of_people = self.users.iter().flat_map(of_user);
        let of_vault = |it: &KeyVault| {
            let secret = |it: &Secret| (format!("secret {}", it.name), it.value.clone());
            it.secrets.iter().map(secret).collect::<Vec<_>>()
        };
        let of_vaults = self.key_vaults.iter().flat_map(of_vault);
        let of_all = self.applications.iter().flat_map(of_application).chain(of_people).chain(of_hosts);
        of_all.chain(of_vaults).collect()
    }
}

const MOST_SECRETS: usize = 10_000;
