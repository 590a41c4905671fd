//! What happens in a run: which hosts there are, how their clocks go, when the store is in trouble and when the service
//! throttles.

use crate::fleet::random::Random;
use std::fmt;
use std::time::Duration;

/// What happens in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Nothing: all hosts start at once and stay, and everything works.
    Quiet,
    /// As `Quiet`, with the clock of each host up to five minutes fast or slow.
    Skewed,
    /// Three rolling deployments replace every host, each host crashes once, and half as many hosts are added for a while.
    Rolling,
    /// The store is slow, then unreachable, then closed, then flushed, each time when tokens are due.
    Outage,
    /// The service throttles (429 with `Retry-After`) while tokens are due and a deployment replaces every host.
    Throttling,
}

impl Scenario {
    /// All scenarios.
    pub const ALL: [Self; 5] = [Self::Quiet, Self::Skewed, Self::Rolling, Self::Outage, Self::Throttling];

    /// The name, as the command line has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Skewed => "skewed",
            Self::Rolling => "rolling",
            Self::Outage => "outage",
            Self::Throttling => "throttling",
        }
    }

    /// What happens in a run of this duration.
    pub fn plan(self, hosts: usize, length: Duration, seed: u64) -> Plan {
        let mut random = Random::new(seed, PLAN);
        let mut plan = Plan { hosts: (0..hosts).map(|_| Slot::new(length)).collect(), ..Plan::default() };
        match self {
            Self::Quiet => {}
            Self::Skewed => {
                let mut skew = || random.below(2 * MAX_SKEW + 1) as i64 - MAX_SKEW as i64;
                plan.hosts.iter_mut().for_each(|slot| slot.skew = skew());
            }
            Self::Rolling => roll(&mut plan, length, &mut random),
            Self::Outage => {
                let trouble = [Trouble::Slow, Trouble::Unreachable, Trouble::Closed, Trouble::Flushed];
                let lasts = OUTAGE.min(length / 10);
                let begins = |tenths: u32| whole_hours(length * tenths / 10).saturating_sub(lasts / 6);
                plan.store = trouble
                    .into_iter()
                    .zip([2, 4, 6, 8])
                    .map(|(trouble, tenths)| (Window::new(begins(tenths), lasts), trouble))
                    .collect();
            }
            Self::Throttling => {
                let lasts = THROTTLED.min(length / 8);
                plan.throttled = vec![Window::new((length / 2).saturating_sub(lasts / 2), lasts)];
                replace_all(&mut plan.hosts, length / 2, lasts / 4);
            }
        }
        plan
    }
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What happens, in times since the start.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The hosts, each a place whose machine may be replaced.
    pub hosts: Vec<Slot>,
    /// When the store is in trouble.
    pub store: Vec<(Window, Trouble)>,
    /// When the service throttles.
    pub throttled: Vec<Window>,
}

/// A place for a host.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The machines that are there one after the other. Each starts with an empty cache.
    pub lives: Vec<Window>,
    /// By how many seconds their clocks are fast.
    pub skew: i64,
}

impl Slot {
    fn new(length: Duration) -> Self {
        Self { lives: vec![Window { from: Duration::ZERO, to: length }], skew: 0 }
    }

    /// Replaces the machine of that time.
    fn replace(&mut self, at: Duration) {
        let Some(index) = self.lives.iter().position(|life| life.contains(at)) else { return };
        let new = Window { from: at, to: self.lives[index].to };
        self.lives[index].to = at;
        self.lives.insert(index + 1, new);
    }
}

/// A time from one point up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub from: Duration,
    /// Its end, exclusive.
    pub to: Duration,
}

impl Window {
    fn new(from: Duration, length: Duration) -> Self {
        Self { from, to: from + length }
    }

    /// Whether a point in time is in it.
    pub fn contains(self, at: Duration) -> bool {
        (self.from..self.to).contains(&at)
    }
}

/// What is wrong with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A call takes about a second.
    Slow,
    /// A call never returns.
    Unreachable,
    /// A call fails at once.
    Closed,
    /// At the start of the window everything is deleted, and then the store works.
    Flushed,
}

impl Trouble {
    /// The state of the store, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Slow => "slow",
            Self::Unreachable => "unreachable",
            Self::Closed => "closed",
            Self::Flushed => "flushed",
        }
    }
}

/// Deployments at a quarter, at half and at three quarters; a crash of each host; half as many hosts more for a while.
fn roll(plan: &mut Plan, length: Duration, random: &mut Random) {
    let lasts = DEPLOYMENT.min(length / 10);
    for quarter in 1..4 {
        replace_all(&mut plan.hosts, length * quarter / 4, lasts);
    }
    for slot in &mut plan.hosts {
        slot.replace(random.between(Duration::from_secs(1), length));
    }
    let added = Window::new(length * 3 / 8, length / 16);
    let added = (0..plan.hosts.len().div_ceil(2)).map(|_| Slot { lives: vec![added], skew: 0 });
    plan.hosts.extend(added.collect::<Vec<_>>());
}

/// The nearest whole number of hours, when tokens are due that are renewed each hour: trouble at another time shows little.
fn whole_hours(at: Duration) -> Duration {
    Duration::from_secs((at.as_secs() + 1800) / 3600 * 3600)
}

/// Replaces the machines one after the other.
fn replace_all(hosts: &mut [Slot], from: Duration, lasts: Duration) {
    let step = lasts / u32::try_from(hosts.len().max(1)).unwrap_or(u32::MAX);
    let mut at = from;
    for slot in hosts {
        slot.replace(at);
        at += step;
    }
}

/// The number of the random numbers that plans draw.
const PLAN: u64 = u64::MAX;
/// In seconds.
const MAX_SKEW: u64 = 300;
/// How long each trouble of the store lasts.
const OUTAGE: Duration = Duration::from_secs(30 * 60);
/// How long the service throttles.
const THROTTLED: Duration = Duration::from_secs(20 * 60);
/// How long a deployment takes.
const DEPLOYMENT: Duration = Duration::from_secs(20 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn in_a_day_of_deployments_each_host_is_replaced_four_times_and_none_is_missing() {
        let plan = Scenario::Rolling.plan(10, DAY, 1);
        assert_eq!(plan.hosts.len(), 15);
        for slot in &plan.hosts[..10] {
            assert_eq!(slot.lives.len(), 5, "{slot:?}");
            assert!(slot.lives.windows(2).all(|pair| pair[0].to == pair[1].from), "{slot:?}");
            assert_eq!((slot.lives[0].from, slot.lives[4].to), (Duration::ZERO, DAY));
        }
        assert!(plan.hosts[10..].iter().all(|slot| slot.lives.len() == 1));
    }

    #[test]
    fn clocks_are_up_to_five_minutes_fast_or_slow() {
        let skews: Vec<_> = Scenario::Skewed.plan(200, DAY, 1).hosts.iter().map(|slot| slot.skew).collect();
        assert!(skews.iter().all(|skew| skew.abs() <= 300), "{skews:?}");
        assert!(skews.iter().any(|skew| *skew > 200) && skews.iter().any(|skew| *skew < -200), "{skews:?}");
    }
}
