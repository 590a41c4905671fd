//! Instances that race: each runs in a thread of its own, and one clock decides which of them goes on.
//!
//! The instance whose wait ends first goes on alone until it waits again, so a seed always has the same course.

use super::fixture::settings;
use crate::flow::{Instance, Outcome};
use crate::host::Host;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use azure_middleware_bindings::{AccessToken, CredentialError, TokenRequest};
use std::cell::Cell;
use std::sync::{Condvar, Mutex};
use std::thread;

/// What the provider answers to a request with this number, from 0, and after how many milliseconds.
pub type Provider = fn(usize, u64) -> (u64, Result<AccessToken, CredentialError>);

/// The course of instances that begin at about the same time.
pub struct Simulation {
    /// The number of instances.
    pub instances: usize,
    /// A call of the store takes up to so many milliseconds.
    pub latency: u64,
    /// By how many milliseconds the clocks of two hosts differ at most.
    pub skew: u64,
    pub provider: Provider,
    pub seed: u64,
}

/// What an instance got, and after how many milliseconds.
pub type Ended = (Outcome, u64);

/// The outcomes, and the number of requests that the provider had.
pub struct Course {
    pub outcomes: Vec<Ended>,
    pub requests: usize,
}

struct World {
    state: Mutex<State>,
    turns: Vec<Condvar>,
    latency: u64,
    provider: Provider,
}

struct State {
    now: u64,
    /// When each instance goes on; `None`: it is done.
    wakes: Vec<Option<u64>>,
    /// The number of instances that wait or are done.
    waiting: usize,
    turn: Option<usize>,
    entries: BTreeMap<String, Vec<u8>>,
    requests: usize,
}

/// An instance's view of the world.
struct Racer<'a> {
    world: &'a World,
    index: usize,
    random: Cell<u64>,
    skew: u64,
}

impl Simulation {
    pub fn run(&self) -> Course {
        let state = State {
            now: START,
            wakes: alloc::vec![Some(START); self.instances],
            waiting: 0,
            turn: None,
            entries: BTreeMap::new(),
            requests: 0,
        };
        let turns = (0..self.instances).map(|_| Condvar::new()).collect();
        let world = World { state: Mutex::new(state), turns, latency: self.latency, provider: self.provider };
        let outcomes = thread::scope(|scope| {
            let start = |index| {
                let world = &world;
                let random = Cell::new(self.seed.wrapping_mul(1_000_003).wrapping_add(index as u64));
                let mut racer = Racer { world, index, random, skew: 0 };
                racer.skew = racer.below(self.skew + 1);
                scope.spawn(move || racer.run())
            };
            let threads: Vec<_> = (0..self.instances).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        Course { outcomes, requests: world.state.into_inner().unwrap().requests }
    }
}

impl Racer<'_> {
    fn run(self) -> Ended {
        self.wait(self.below(5));
        let began = self.world.state.lock().unwrap().now;
        let instance = Instance::new(Ok(settings()));
        let outcome = instance.get_token(&self, super::request());
        let mut state = self.world.state.lock().unwrap();
        let took = state.now - began;
        state.wakes[self.index] = None;
        state.waiting += 1;
        self.world.go_on(&mut state);
        (outcome, took)
    }

    fn below(&self, limit: u64) -> u64 {
        let [a, b, c, d, ..] = self.random().unwrap();
        u64::from(u32::from_be_bytes([a, b, c, d])) % limit
    }

    /// A call of the store, which acts in the middle of its time.
    fn call<T>(&self, act: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> Result<T, String> {
        self.wait(self.below(self.world.latency / 2 + 1));
        let outcome = act(&mut self.world.state.lock().unwrap().entries);
        self.wait(self.below(self.world.latency / 2 + 1));
        Ok(outcome)
    }
}

impl World {
    /// When all instances wait, the one whose wait ends first goes on.
    fn go_on(&self, state: &mut State) {
        if state.waiting < state.wakes.len() {
            return;
        }
        let wakes = state.wakes.iter().enumerate();
        let next = wakes.filter_map(|(index, wake)| Some(((*wake)?, index))).min();
        if let Some((wake, index)) = next {
            (state.now, state.turn) = (wake, Some(index));
            self.turns[index].notify_one();
        }
    }
}

impl Host for Racer<'_> {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        self.call(|entries| entries.get(name).cloned())
    }

    fn set(&self, name: &str, value: &[u8]) -> Result<(), String> {
        self.call(|entries| drop(entries.insert(name.to_owned(), value.to_vec())))
    }

    fn delete(&self, name: &str) -> Result<(), String> {
        self.call(|entries| drop(entries.remove(name)))
    }

    fn get_token(&self, _: TokenRequest) -> Result<AccessToken, CredentialError> {
        let (number, now) = {
            let mut state = self.world.state.lock().unwrap();
            state.requests += 1;
            (state.requests - 1, state.now)
        };
        let (took, answer) = (self.world.provider)(number, now - START);
        self.wait(took);
        answer
    }

    fn now(&self) -> u64 {
        self.world.state.lock().unwrap().now + self.skew
    }

    fn elapsed(&self) -> u64 {
        self.world.state.lock().unwrap().now
    }

    fn wait(&self, milliseconds: u64) {
        let mut state = self.world.state.lock().unwrap();
        state.wakes[self.index] = Some(state.now + milliseconds);
        state.waiting += 1;
        self.world.go_on(&mut state);
        while state.turn != Some(self.index) {
            state = self.world.turns[self.index].wait(state).unwrap();
        }
        state.turn = None;
        state.waiting -= 1;
    }

    fn random(&self) -> Option<[u8; 24]> {
        let part = || {
            let next = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
            self.random.set(next);
            // SplitMix64.
            let mixed = (next ^ (next >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            (mixed ^ (mixed >> 31)).to_be_bytes()
        };
        [part(), part(), part()].concat().try_into().ok()
    }

    fn log(&self, line: String) {
        panic!("{line}");
    }
}

const START: u64 = super::NOW * 1_000;
