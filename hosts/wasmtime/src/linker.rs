//! Lets apps import the provider, through the interfaces of WASI 0.2 and 0.3.

use crate::interface::{INTERFACE, INTERFACE_0_3};
use crate::provider::Provider;
use crate::scoped::ScopedProvider;
use crate::tenant::TenantKey;
use wasmtime::component::{Accessor, Linker};

impl Provider {
    /// Lets the components of a linker import [`INTERFACE`](crate::INTERFACE) and
    /// [`INTERFACE_0_3`](crate::INTERFACE_0_3), where tenants share the linker and have policies of their own. `of` returns
    /// the provider of a tenant by the data of the app's store; it is called for each request.
    ///
    /// # Errors
    /// When the linker has one of the interfaces already.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Provider, ScopedProvider};
    /// # use wasmtime::component::Linker;
    /// struct App {
    ///     identity: ScopedProvider, // `provider.scoped(policy).for_tenant(key)`, when the app is started
    /// }
    ///
    /// # fn run(linker: &mut Linker<App>) -> wasmtime::Result<()> {
    /// Provider::add_to_linker_with(linker, |app: &mut App| app.identity.clone())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_to_linker_with<T: Send + 'static>(
        linker: &mut Linker<T>,
        of: impl Fn(&mut T) -> ScopedProvider + Clone + Send + Sync + 'static,
    ) -> wasmtime::Result<()> {
        add_to_linker(linker, of)
    }
}

impl ScopedProvider {
    /// Lets the components of `linker` import [`INTERFACE`](crate::INTERFACE) and
    /// [`INTERFACE_0_3`](crate::INTERFACE_0_3) from this provider. All of them are one tenant: that of
    /// [`for_tenant`](Self::for_tenant), or else the linker's own. The store's data is not touched, and the engine may be
    /// any; one without support for concurrency gets the interface of 0.2 alone.
    ///
    /// The components must be instantiated and called with wasmtime's asynchronous functions, in a tokio runtime. Dropping
    /// such a call does not cancel the call of the provider, which other callers may share.
    ///
    /// # Errors
    /// When the linker has one of the interfaces already.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{Policy, Provider};
    /// # fn run(provider: Provider) -> wasmtime::Result<()> {
    /// let mut linker = wasmtime::component::Linker::<()>::new(&wasmtime::Engine::default());
    /// provider
    ///     .scoped(Policy::new().allow_scope("https://vault.azure.net/.default"))
    ///     .add_to_linker(&mut linker)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_to_linker<T: Send + 'static>(&self, linker: &mut Linker<T>) -> wasmtime::Result<()> {
        let provider = self.or_for_tenant(TenantKey::of_linker);
        add_to_linker(linker, move |_| provider.clone())
    }

    /// As [`add_to_linker`](Self::add_to_linker), where tenants with this policy share the linker. `tenant` returns the tenant
    /// by the data of the app's store; it is called for each request.
    ///
    /// # Errors
    /// When the linker has one of the interfaces already.
    ///
    /// # Examples
    /// ```no_run
    /// # use azure_identity_wasmtime::{ScopedProvider, TenantKey};
    /// # use wasmtime::component::Linker;
    /// struct App {
    ///     tenant: TenantKey,
    /// }
    ///
    /// # fn run(scoped: ScopedProvider, linker: &mut Linker<App>) -> wasmtime::Result<()> {
    /// scoped.add_to_linker_with(linker, |app: &mut App| app.tenant.clone())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_to_linker_with<T: Send + 'static>(
        &self,
        linker: &mut Linker<T>,
        tenant: impl Fn(&mut T) -> TenantKey + Clone + Send + Sync + 'static,
    ) -> wasmtime::Result<()> {
        let provider = self.clone();
        add_to_linker(linker, move |app| provider.for_tenant(tenant(app)))
    }
}

/// Lets the components of `linker` import both interfaces. `of` chooses the provider for each call, by the data of the
/// app's store.
///
/// On an engine without support for concurrency, which no component of WASI 0.3 can run on, the linker gets the interface
/// of 0.2 alone.
///
/// # Errors
/// When the linker has an interface already.
fn add_to_linker<T, F>(linker: &mut Linker<T>, of: F) -> wasmtime::Result<()>
where
    T: Send + 'static,
    F: Fn(&mut T) -> ScopedProvider + Clone + Send + Sync + 'static,
{
    let of_0_2 = of.clone();
    linker.instance(INTERFACE)?.func_wrap_async("get-token", move |mut store, (request,)| {
        let provider = of_0_2(store.data_mut());
        Box::new(async move { Ok((provider.get_token(request).await,)) })
    })?;
    if define_0_3(&mut Linker::new(linker.engine()), of.clone()).is_err() {
        tracing::debug!(
            "the engine of the apps has no support for concurrency, so they get no interface of 0.3"
        );
        return Ok(());
    }
    define_0_3(linker, of)
}

fn define_0_3<T, F>(linker: &mut Linker<T>, of: F) -> wasmtime::Result<()>
where
    T: Send + 'static,
    F: Fn(&mut T) -> ScopedProvider + Clone + Send + Sync + 'static,
{
    linker.instance(INTERFACE_0_3)?.func_wrap_concurrent("get-token", move |app: &Accessor<T>, (request,)| {
        let provider = app.with(|mut app| of(app.data_mut()));
        Box::pin(async move { Ok((provider.get_token(request).await,)) })
    })
}
