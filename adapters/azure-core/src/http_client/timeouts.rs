//! The timeouts of a request, and what a host is told of them.

use std::time::Duration;

/// The timeout of each step of a request. A step that takes longer is an error of the kind
/// [`ErrorKind::Connection`](azure_core::error::ErrorKind::Connection) or
/// [`ErrorKind::Io`](azure_core::error::ErrorKind::Io), which the SDK retries.
///
/// There is no timeout for a request as a whole: a body may take any time while it makes progress, in both directions. The
/// client measures the time itself, because hosts count it differently: wasmtime's time to the first byte includes the
/// sending of the body, and a host may ignore a timeout. A host is therefore told the time to the first byte only for a
/// request without a body.
///
/// A component does not see how much of a body has left the machine. What the host accepted may still be in its buffers or
/// in the system's, so while a body is sent and after it, each step is prolonged by the time in which up to 8 MiB of it pass
/// a line of 128 kbit/s: 512 s at most, for a body of 1 MiB 64 s.
///
/// # Examples
/// ```
/// use azure_core_wasi::{Timeouts, WasiHttpClient};
/// use std::time::Duration;
///
/// let patient = Timeouts { first_byte: Duration::from_secs(300), ..Timeouts::default() };
/// let client = WasiHttpClient::new(patient);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Until the connection is established. It is added to the time of the steps below that begin before that: the first
    /// byte of a response, and the progress of a request's body.
    pub connect: Duration,
    /// From the end of the request to the first byte of the response. A request ends when the host has accepted the last
    /// byte of its body; the sending of the body does not count.
    pub first_byte: Duration,
    /// Without progress of a body: of the request's, that the host accepts a byte; of the response's, that one arrives.
    pub between_bytes: Duration,
}

impl Default for Timeouts {
    /// The timeouts of the SDK's own client: 20 s for the connection, 60 s for the other steps.
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { connect: Duration::from_secs(20), first_byte: minute, between_bytes: minute }
    }
}

impl Timeouts {
    /// The time to the first byte that the host is told.
    pub(super) fn first_byte_of_host(&self, has_body: bool) -> Duration {
        if has_body { UNLIMITED } else { self.first_byte }
    }

    /// The wait for the response when the host has accepted the request, with `sent` bytes of its body.
    pub(super) fn first_byte_after(&self, sent: u64) -> Duration {
        self.connect.saturating_add(self.first_byte).saturating_add(buffered(sent))
    }

    /// The wait for the host to accept more of a body, of which it has accepted `sent` bytes.
    pub(super) fn progress_after(&self, sent: u64) -> Duration {
        self.connect.saturating_add(self.between_bytes).saturating_add(buffered(sent))
    }
}

/// The time in which the buffers of host and system are emptied on a slow line, when the host has accepted `sent` bytes.
fn buffered(sent: u64) -> Duration {
    Duration::from_millis(sent.min(BUFFERS).saturating_mul(1000) / SLOWEST)
}

/// The bytes that host and system keep at most: wasmtime's buffers are 1 MiB, and Linux's of a connection up to 4 MiB
/// (`tcp_wmem`), of which a third must be free before more is accepted.
const BUFFERS: u64 = 8 << 20;

/// Bytes a second: 128 kbit/s.
const SLOWEST: u64 = 16 << 10;

/// A host without this option has a limit of its own, which in wasmtime is 10 minutes. No longer than a day, because hosts in
/// JavaScript take a time above 2^31 ms for none.
const UNLIMITED: Duration = Duration::from_secs(86_400);

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Timeouts = Timeouts {
        connect: Duration::from_secs(1),
        first_byte: Duration::from_secs(2),
        between_bytes: Duration::from_secs(4),
    };

    #[test]
    fn by_default_the_connection_has_20_s_and_each_other_step_60_s() {
        let Timeouts { connect, first_byte, between_bytes } = Timeouts::default();
        assert_eq!([connect, first_byte, between_bytes].map(|it| it.as_secs()), [20, 60, 60]);
    }

    #[test]
    fn the_host_is_told_no_time_in_which_a_body_must_be_sent() {
        assert_eq!(SHORT.first_byte_of_host(false), Duration::from_secs(2));
        assert_eq!(SHORT.first_byte_of_host(true), Duration::from_secs(86_400));
    }

    #[test]
    fn each_step_includes_the_time_in_which_buffers_are_emptied() {
        for (sent, seconds) in [(0, 0), (16 << 10, 1), (1 << 20, 64), (8 << 20, 512), (u64::MAX, 512)] {
            let prolonged = |timeout: u64| Duration::from_secs(timeout + seconds);
            assert_eq!(SHORT.first_byte_after(sent), prolonged(3), "{sent}");
            assert_eq!(SHORT.progress_after(sent), prolonged(5), "{sent}");
        }
    }
}
