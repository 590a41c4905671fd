//! `wasi:keyvalue/store` in both versions that hosts have.
//!
//! A draft is not compatible with the next one, so each has bindings of its own; both lead to the same [`KeyValueStore`].

use crate::environment::State;
use crate::key_value::{Call, KeyValueStore, StoreError};
use std::sync::Arc;
use wasmtime::component::{HasSelf, Linker, Resource, ResourceTable};
use wasmtime_wasi::WasiView;

/// A bucket that a component has opened.
pub struct OpenBucket(Arc<dyn KeyValueStore>);

/// Adds `wasi:keyvalue/store` in both versions.
pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    draft::wasi::keyvalue::store::add_to_linker::<_, HasSelf<_>>(linker, |state| state)?;
    draft2::wasi::keyvalue::store::add_to_linker::<_, HasSelf<_>>(linker, |state| state)
}

async fn open(state: &mut State, name: &str) -> wasmtime::Result<Result<Resource<OpenBucket>, StoreError>> {
    let Some(store) = state.key_value().clone() else { return Ok(Err(StoreError::AccessDenied)) };
    match store.call(Call::Open(name)).await {
        Ok(_) => Ok(Ok(table(state).push(OpenBucket(store))?)),
        Err(error) => Ok(Err(error)),
    }
}

async fn call(
    state: &mut State,
    bucket: &Resource<OpenBucket>,
    call: Call<'_>,
) -> wasmtime::Result<Result<Option<Vec<u8>>, StoreError>> {
    let store = Arc::clone(&table(state).get(bucket)?.0);
    Ok(store.call(call).await)
}

fn table(state: &mut State) -> &mut ResourceTable {
    state.ctx().table
}

mod draft {
    #![allow(missing_docs, reason = "written by a macro")]

    wasmtime::component::bindgen!({
        inline: "
            package test:key-value;
            world key-value { import wasi:keyvalue/store@0.2.0-draft; }
        ",
        path: "../middleware/token-cache/wit/0.2.0-draft",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": super::OpenBucket },
    });
}

mod draft2 {
    #![allow(missing_docs, reason = "written by a macro")]

    wasmtime::component::bindgen!({
        inline: "
            package test:key-value;
            world key-value { import wasi:keyvalue/store@0.2.0-draft2; }
        ",
        path: "../middleware/token-cache/wit/0.2.0-draft2",
        imports: { default: async | trappable },
        with: { "wasi:keyvalue/store.bucket": super::OpenBucket },
    });
}

/// Implements the traits of a version.
macro_rules! implement {
    ($version:ident, $cursor:ty) => {
        const _: () = {
            use $version::wasi::keyvalue::store::{Error, Host, HostBucket, KeyResponse};

            fn converted(error: StoreError) -> Error {
                match error {
                    StoreError::NoSuchStore => Error::NoSuchStore,
                    StoreError::AccessDenied => Error::AccessDenied,
                    StoreError::Other(reason) => Error::Other(reason),
                }
            }

            impl Host for State {
                async fn open(
                    &mut self,
                    name: String,
                ) -> wasmtime::Result<Result<Resource<OpenBucket>, Error>> {
                    Ok(open(self, &name).await?.map_err(converted))
                }
            }

            impl HostBucket for State {
                async fn get(
                    &mut self,
                    bucket: Resource<OpenBucket>,
                    name: String,
                ) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
                    Ok(call(self, &bucket, Call::Get(&name)).await?.map_err(converted))
                }

                async fn set(
                    &mut self,
                    bucket: Resource<OpenBucket>,
                    name: String,
                    value: Vec<u8>,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(call(self, &bucket, Call::Set(&name, &value)).await?.map(drop).map_err(converted))
                }

                async fn delete(
                    &mut self,
                    bucket: Resource<OpenBucket>,
                    name: String,
                ) -> wasmtime::Result<Result<(), Error>> {
                    Ok(call(self, &bucket, Call::Delete(&name)).await?.map(drop).map_err(converted))
                }

                async fn exists(
                    &mut self,
                    bucket: Resource<OpenBucket>,
                    name: String,
                ) -> wasmtime::Result<Result<bool, Error>> {
                    let value = call(self, &bucket, Call::Get(&name)).await?;
                    Ok(value.map(|value| value.is_some()).map_err(converted))
                }

                async fn list_keys(
                    &mut self,
                    _: Resource<OpenBucket>,
                    _: Option<$cursor>,
                ) -> wasmtime::Result<Result<KeyResponse, Error>> {
                    Ok(Err(Error::Other("not implemented, because no component calls it".to_owned())))
                }

                async fn drop(&mut self, bucket: Resource<OpenBucket>) -> wasmtime::Result<()> {
                    table(self).delete(bucket)?;
                    Ok(())
                }
            }
        };
    };
}

implement!(draft, u64);
implement!(draft2, String);
