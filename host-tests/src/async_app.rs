//! HTTP apps of WASI 0.3: one instance handles many requests, any number of them concurrently.

use crate::engine::{linker, reset_epoch_deadline, store};
use crate::environment::{Disk, State, TestEnvironment};
use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::{Accessor, Component};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi_http::p3::bindings::Service;
pub use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{WasiBody, default_hooks};

/// An instance of an app. It lives until it is dropped, together with the components composed into it.
pub struct AsyncApp {
    store: Store<State>,
    service: Service,
    disk: Disk,
    output: MemoryOutputPipe,
}

/// What a host has for an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The number of tasks, streams and futures.
    pub tasks: usize,
    /// The number of resources.
    pub resources: usize,
    /// The size of the linear memories, in bytes.
    pub memory: usize,
}

impl AsyncApp {
    /// Starts an instance of a component that exports `wasi:http/handler@0.3`.
    pub async fn start(component: &Component, environment: TestEnvironment) -> Result<Self> {
        let (state, disk, output) = environment.into_state()?;
        let mut store = store(state);
        let service = Service::instantiate_async(&mut store, component, &linker()?).await?;
        Ok(Self { store, service, disk, output })
    }

    /// Handles a GET for `path`, e.g. `/list?all`. The outer error is a trap.
    pub async fn get(&mut self, path: &str) -> Result<Result<Response<Bytes>, ErrorCode>> {
        let request = Request::get(format!("http://app.example{path}")).body(Bytes::new())?;
        Ok(self.handle_all(vec![request]).await?.remove(0))
    }

    /// Handles these requests concurrently; the responses are in the order of the requests. The outer error is a trap.
    pub async fn handle_all(
        &mut self,
        requests: Vec<Request<Bytes>>,
    ) -> Result<Vec<Result<Response<Bytes>, ErrorCode>>> {
        reset_epoch_deadline(&mut self.store);
        let service = &self.service;
        let responses = self.store.run_concurrent(async |store| {
            let responses = requests.into_iter().map(|request| respond(service, store, request));
            futures_util::future::try_join_all(responses).await
        });
        responses.await?
    }

    /// Handles a request, and counts the bytes of the response's body instead of keeping them.
    pub async fn count(&mut self, request: Request<Bytes>) -> Result<u64> {
        reset_epoch_deadline(&mut self.store);
        let service = &self.service;
        let counting = self.store.run_concurrent(async |store| {
            let mut body = begin(service, store, request).await??.into_body();
            let mut count = 0;
            while let Some(frame) = body.frame().await {
                count += frame?.data_ref().map_or(0, Bytes::len) as u64;
            }
            anyhow::Ok(count)
        });
        counting.await?
    }

    /// Waits, while what the app has begun goes on.
    pub async fn pass(&mut self, time: Duration) -> Result<()> {
        reset_epoch_deadline(&mut self.store);
        Ok(self.store.run_concurrent(async |_| tokio::time::sleep(time).await).await?)
    }

    /// What the host has for the app now.
    pub fn usage(&mut self) -> Usage {
        Usage {
            tasks: self.store.concurrent_state_table_size(),
            resources: self.store.data_mut().resources(),
            memory: self.store.data().memory(),
        }
    }

    /// Its files.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// Its standard output and standard error.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.contents()).into_owned()
    }
}

/// The whole response; its trailers, a `HeaderMap`, are among its extensions.
async fn respond(
    service: &Service,
    store: &Accessor<State>,
    request: Request<Bytes>,
) -> Result<Result<Response<Bytes>, ErrorCode>> {
    let (mut head, body) = match begin(service, store, request).await? {
        Ok(response) => response.into_parts(),
        Err(error) => return Ok(Err(error)),
    };
    let body = body.collect().await?;
    head.extensions.insert(body.trailers().cloned().unwrap_or_default());
    Ok(Ok(Response::from_parts(head, body.to_bytes())))
}

/// The response, as soon as its head has arrived.
async fn begin(
    service: &Service,
    store: &Accessor<State>,
    request: Request<Bytes>,
) -> Result<Result<Response<WasiBody>, ErrorCode>> {
    let (request, _sent) =
        wasmtime_wasi_http::p3::Request::from_http(default_hooks(), request.map(Full::new));
    match service.handle(store, request).await? {
        Ok(response) => Ok(Ok(store.with(|store| response.into_http(store, async { Ok(()) }))?)),
        Err(error) => Ok(Err(error)),
    }
}
