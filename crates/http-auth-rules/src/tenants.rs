//! The tenants that services named in challenges.

use crate::prelude::*;
use crate::target::Server;
use core::cell::RefCell;

/// The tenants that services named in challenges, so that each is challenged once.
#[derive(Default)]
pub struct Tenants(RefCell<Vec<(Server, String)>>);

impl Tenants {
    /// The tenant that a server named; `None`: it named none.
    pub fn get(&self, server: &Server) -> Option<String> {
        self.0.borrow().iter().find(|(known, _)| known == server).map(|(_, tenant)| tenant.clone())
    }

    /// Records that a server accepted a token of the tenant that it named.
    pub fn insert(&self, server: Server, tenant: String) {
        let mut known = self.0.borrow_mut();
        known.retain(|(other, _)| *other != server);
        if known.len() >= MAX_SERVERS {
            known.clear();
        }
        known.push((server, tenant));
    }
}

/// Services name tenants, so the table is bounded.
const MAX_SERVERS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenants_that_services_name_are_bounded() {
        let tenants = Tenants::default();
        let server =
            |number| Server::of_address(&format!("https://vault-{number}.example")).expect("a server");
        for number in 0..1000 {
            tenants.insert(server(number), "contoso.com".to_owned());
            assert_eq!(tenants.get(&server(number)).as_deref(), Some("contoso.com"));
            assert!(tenants.0.borrow().len() <= MAX_SERVERS);
        }
    }
}
