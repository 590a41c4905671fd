//! A short run of the fuzzers on stable Rust: their corpora, and some thousand mutations of them, the same
//! ones every time. A crash that libFuzzer finds is added to the corpus, so it stays a test.

use fuzz_targets::TARGETS;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn every_corpus_and_its_mutations_pass() {
    std::thread::scope(|scope| {
        for target in TARGETS {
            // The thread has the target's name, which a failure shows.
            let thread = std::thread::Builder::new().name(target.name.to_owned());
            let spawned = thread.spawn_scoped(scope, || {
                let corpus = corpus(target.name);
                assert!(!corpus.is_empty(), "fuzz/corpus/{} is empty", target.name);
                corpus.iter().for_each(|data| (target.run)(data));
                let mut random = Random(0x9E37_79B9_7F4A_7C15);
                // A key is derived from a password in thousands of iterations, which takes time.
                let mutations = if target.name == "certificate" { 300 } else { 3_000 };
                for _ in 0..mutations {
                    (target.run)(&random.mutate(&corpus));
                }
            });
            spawned.expect("a thread");
        }
    });
}

#[test]
fn every_target_has_a_program_and_every_program_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz_targets");
    let entries = fs::read_dir(folder).expect("the folder of the programs");
    let mut programs: Vec<String> = entries
        .map(|entry| {
            entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned()
        })
        .collect();
    programs.sort();
    let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(programs, names);
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("a manifest");
    assert!(names.iter().all(|name| manifest.contains(&format!("name = \"{name}\""))));
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../corpus").join(name);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.expect("an entry").path()).collect())
        .unwrap_or_default();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("a file")).collect()
}

/// Pseudorandom numbers from a seed (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap_or(0) % limit.max(1)
    }

    /// A file with one to four mutations: a flipped bit, an inserted byte, a removed, doubled or foreign
    /// slice.
    fn mutate(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut data = corpus[self.below(corpus.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(data.len() + 1);
            let end = (at + self.below(16)).min(data.len());
            match self.below(5) {
                0 if at < data.len() => data[at] ^= 1 << self.below(8),
                1 => data.insert(at, b"\"{}[]:,\\/%&=#@.-+ \t\r\n\0\x7F\x80\xFF019AZaz"[self.below(32)]),
                2 => drop(data.drain(at..end)),
                3 => {
                    let piece = data[at..end].to_vec();
                    data.splice(at..at, piece);
                }
                _ => {
                    let other = &corpus[self.below(corpus.len())];
                    let from = self.below(other.len() + 1);
                    let piece = other[from..(from + self.below(64)).min(other.len())].to_vec();
                    data.splice(at..end, piece);
                }
            }
        }
        data
    }
}
