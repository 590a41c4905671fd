//! The options for the limits of a provider.

use super::ProviderBuilder;
use std::time::Duration;

impl ProviderBuilder {
    /// Sets the number of instances, at most, and so of concurrent calls; 8 by default, 1 to 1,024. Instances start
    /// when they are needed and stay. If there are several, one is kept for renewals.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().pool_size(2);
    /// ```
    pub fn pool_size(mut self, instances: usize) -> Self {
        self.limits.instances = instances;
        self
    }

    /// Sets how long a request waits for an instance when all are busy, before it fails as `transient`; 30 s by
    /// default. A request that the cache answers does not wait.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().queue_timeout(std::time::Duration::from_secs(5));
    /// ```
    pub fn queue_timeout(mut self, timeout: Duration) -> Self {
        self.limits.admission.queue_timeout = timeout;
        self
    }

    /// Sets the number of calls that wait for an instance, at most; 256 by default. As many renewals may wait. A further
    /// request that needs a call fails at once as `transient`.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().queue_capacity(1000);
    /// ```
    pub fn queue_capacity(mut self, calls: usize) -> Self {
        self.limits.admission.waiting = calls;
        self
    }

    /// Sets the number of calls of one tenant that wait for an instance, at most; 32 by default. As many of its renewals
    /// may wait. A further request that needs a call fails at once as `transient`.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().tenant_queue_capacity(100);
    /// ```
    pub fn tenant_queue_capacity(mut self, calls: usize) -> Self {
        self.limits.admission.waiting_per_tenant = calls;
        self
    }

    /// Sets the number of calls of one tenant that run at once, at most; half of [`pool_size`](Self::pool_size) by
    /// default, and one at least. As many of its renewals may run. Waiting calls are served in turns of their tenants.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let only_tenant = Provider::builder().pool_size(8).tenant_concurrency(7);
    /// ```
    pub fn tenant_concurrency(mut self, calls: usize) -> Self {
        self.limits.admission.per_tenant = Some(calls);
        self
    }

    /// Sets how many calls each tenant begins: so many in a second, after a burst; 10 and 20 by default. Its renewals
    /// have the same rate of their own. A further request fails at once as `transient`; a further renewal is left to a
    /// later request. Cached tokens and calls that are shared do not count.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().tenant_rate(100, 500);
    /// ```
    pub fn tenant_rate(mut self, calls_per_second: u32, burst: u32) -> Self {
        (self.limits.admission.rate, self.limits.admission.burst) = (calls_per_second, burst);
        self
    }

    /// Sets how long a call into an instance may take before the instance is replaced; 150 s by default, and more than
    /// zero. The provider itself ends a call after 120 s.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().call_timeout(std::time::Duration::from_secs(60));
    /// ```
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.limits.call_timeout = timeout;
        self
    }

    /// Sets the size of each memory of an instance, at most, in bytes; 64 MiB by default. An instance that requests more
    /// is replaced.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().memory_limit(32 << 20);
    /// ```
    pub fn memory_limit(mut self, bytes: usize) -> Self {
        self.environment.memory_limit = bytes;
        self
    }

    /// Sets the number of tokens that are cached, at most; 1,024 by default, each 1 to 4 KiB. With 0 none is cached. A
    /// full cache drops a token of the tenant that has the most.
    ///
    /// # Examples
    /// ```
    /// # use azure_identity_wasmtime::Provider;
    /// let builder = Provider::builder().cache_capacity(16);
    /// ```
    pub fn cache_capacity(mut self, tokens: usize) -> Self {
        self.cache_capacity = tokens;
        self
    }
}
