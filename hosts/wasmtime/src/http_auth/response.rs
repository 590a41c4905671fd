//! The response that the app receives: not one that contains the token that was sent.

use super::authenticator::Authenticator;
use super::client::Received;
use super::fields;
use crate::types::AccessToken;
use azure_http_auth_rules::headers;
use azure_http_auth_rules::log::{Kind, WITHHELD_HEADERS, WITHHELD_TRAILERS};
use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use wasmtime_wasi_http::{Error, WasiBody};

/// The response to a request with this token. Its headers are searched now, its trailers when they arrive.
///
/// # Errors
/// When a header contains the token.
pub(super) fn checked(
    auth: &Authenticator,
    token: &Arc<AccessToken>,
    (response, io): Received,
) -> Result<Received, Error> {
    if contain(response.headers(), token) {
        auth.log(Kind::Withheld, &WITHHELD_HEADERS);
        return Err(Error::HttpResponseHeaderSectionSize(None));
    }
    let guard = |body| Guarded { body, token: Arc::clone(token), auth: auth.clone() }.boxed_unsync();
    Ok((response.map(guard), io))
}

fn contain(fields: &HeaderMap, token: &AccessToken) -> bool {
    headers::contain(&fields::list(fields), token.secret().as_bytes())
}

/// A body whose trailers are an error if they contain the token.
struct Guarded {
    body: WasiBody,
    token: Arc<AccessToken>,
    auth: Authenticator,
}

impl Body for Guarded {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        let trailers = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.trailers_ref());
        if trailers.is_some_and(|trailers| contain(trailers, &self.token)) {
            self.auth.log(Kind::Withheld, &WITHHELD_TRAILERS);
            return Poll::Ready(Some(Err(Error::HttpResponseTrailerSectionSize(None))));
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
