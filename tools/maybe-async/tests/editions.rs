//! What both attributes make of the same source.

use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// What stands in for a host: in one edition it hands over futures, in the other one values.
mod host {
    pub fn later(number: i32) -> impl Future<Output = i32> {
        core::future::ready(number)
    }

    pub fn now(number: i32) -> i32 {
        number
    }
}

macro_rules! edition {
    ($attribute:ident, $number:path) => {
        #[maybe_async::$attribute]
        pub async fn sum(one: i32, other: i32) -> Result<i32, &'static str> {
            let checked = async { if other < 0 { Err("negative") } else { Ok($number(other).await) } };
            let one = $number(one).await;
            let other = checked.await.or_else(|why| if one < 0 { Err(why) } else { Ok(0) })?;
            Ok(one + other)
        }
    };
}

mod concurrent {
    edition!(concurrent, super::host::later);
}

mod blocking {
    edition!(blocking, super::host::now);
}

#[test]
fn both_editions_do_the_same() {
    for (one, other) in [(1, 2), (1, -2), (-1, -2), (0, 0)] {
        let mut waiting = pin!(concurrent::sum(one, other));
        let waited = waiting.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(waited, Poll::Ready(blocking::sum(one, other)), "{one} {other}");
    }
}

#[test]
fn leaving_an_async_block_leaves_no_function() {
    #[maybe_async::blocking]
    async fn rest() -> Result<&'static str, &'static str> {
        let inner = async move {
            Err::<(), _>("inner")?;
            Ok::<(), &str>(())
        };
        if inner.await == Err("inner") { Ok("went on") } else { Err("left") }
    }
    assert_eq!(rest(), Ok("went on"));
}

#[test]
fn what_neither_waits_nor_is_async_stays() {
    #[maybe_async::blocking]
    fn untouched(numbers: &[i32]) -> Vec<String> {
        numbers.iter().map(|number| format!("{number}..{}", number + 1)).collect()
    }
    assert_eq!(untouched(&[1]), ["1..2"]);
}
