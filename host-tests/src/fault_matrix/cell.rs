//! One cell: a source, something that goes wrong, and what comes of it.

use super::Start;
use super::faults::{Fault, FileFault, What};
use super::rules;
use super::source::{Leg, Source};
use super::world::World;
use crate::bindings::{AccessToken, CredentialError};
use crate::case::expect::render;
use crate::disk_trouble::Trouble;
use crate::secrets;
use anyhow::{Context, Result};
use azure_simulator::settings::{FaultSettings, Pattern};
use std::time::Duration;

/// What came of it.
pub struct Cell {
    /// The outcome; the outer error is a trap, or a call that never returns.
    pub outcome: Result<Result<AccessToken, CredentialError>, String>,
    /// When each request was sent, since the call began.
    pub requests: Vec<Duration>,
    /// How long the call took.
    pub took: Duration,
    /// What came of the next call, when everything was mended.
    pub next: Next,
    /// The rules that it breaks, for people.
    pub wrong: Vec<String>,
}

/// The next call, when everything was mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It gave a token.
    Token,
    /// The same credential gave none, and one made anew did.
    TokenMadeAnew,
    /// None; this is why.
    Nothing(String),
}

/// Plays it.
pub fn play(source: &Source, leg: &Leg, fault: &Fault, start: Start) -> Cell {
    World::run(async { Ok(suffer(source, leg, fault, start).await) }).unwrap_or_else(|error| broken(&error))
}

async fn suffer(source: &Source, leg: &Leg, fault: &Fault, start: Start) -> Cell {
    match try_suffer(source, leg, fault, start).await {
        Ok(cell) => cell,
        Err(error) => broken(&error),
    }
}

/// Not the component failed but what it is tested with.
fn broken(error: &anyhow::Error) -> Cell {
    let error = format!("{error:#}");
    let next = Next::Nothing("not asked".to_owned());
    let wrong = vec![error.clone()];
    Cell { outcome: Err(error), requests: Vec::new(), took: Duration::ZERO, next, wrong }
}

async fn try_suffer(source: &Source, leg: &Leg, fault: &Fault, start: Start) -> Result<Cell> {
    let mut world = begin(source, leg, fault, start).await?;
    let (began, sent_before) = (world.clock.elapsed(), world.sent().len());
    let outcome = world.ask(source).await.map_err(|error| format!("{error:#}"));
    let took = world.clock.elapsed().saturating_sub(began);
    let sent = world.sent();
    let of_guest = sent[sent_before..].iter().filter(|sent| sent.timeouts.is_some());
    let requests = of_guest.map(|sent| sent.at.saturating_sub(began)).collect();
    let mut errors = told(&outcome);
    mend(&world, source, leg, fault)?;
    let next = match &outcome {
        Err(_) => Next::Nothing("not asked, after a trap".to_owned()),
        Ok(_) => next(&mut world, source, &mut errors).await?,
    };
    let mut cell = Cell { outcome, requests, took, next, wrong: Vec::new() };
    let mut known = source.secrets.clone();
    known.extend(world.azure.secrets());
    let seen = [("the errors".to_owned(), errors), ("the output".to_owned(), world.guest.output())];
    cell.wrong = secrets::find(&known, &seen).into_iter().map(|leak| format!("leaks: {leak}")).collect();
    cell.wrong.extend(world.azure.unexpected().into_iter().map(|it| format!("nobody expects: {it}")));
    cell.wrong.extend(rules::broken_by(&cell, source, leg, fault));
    Ok(cell)
}

async fn begin(source: &Source, leg: &Leg, fault: &Fault, start: Start) -> Result<World> {
    let (mut faults, mut jump) = (Vec::new(), None);
    if let Leg::Request(address) = leg {
        match &fault.what {
            What::Answer(settings) => faults.push(FaultSettings {
                authority: Some(exactly(&address.authority)?),
                path: Some(exactly(&address.path)?),
                after: address.after,
                ..(**settings).clone()
            }),
            What::ClockOnTheWay(seconds) => jump = Some((address.clone(), *seconds)),
            What::Clock(_) | What::File(_) => {}
        }
    }
    let world = World::furnish(source, faults, jump, start).await?;
    match (&fault.what, leg) {
        (What::Clock(seconds), _) => world.guest_clock.jump(*seconds),
        (What::File(file), Leg::File(path)) => spoil(&world, *file, path, content(source, path))?,
        _ => {}
    }
    Ok(world)
}

/// A fault of the guest's clock or disk ends, and so does one of Azure's.
fn mend(world: &World, source: &Source, leg: &Leg, fault: &Fault) -> Result<()> {
    world.azure.end_faults();
    world.disk_trouble.end();
    match (&fault.what, leg) {
        (What::Clock(seconds) | What::ClockOnTheWay(seconds), _) => world.guest_clock.jump(-seconds),
        (What::File(_), Leg::File(path)) => put(world, path, content(source, path))?,
        _ => {}
    }
    Ok(())
}

async fn next(world: &mut World, source: &Source, errors: &mut String) -> Result<Next> {
    for anew in [false, true] {
        if anew {
            world.forget().await.context("a trap as the credential was dropped")?;
        }
        let outcome = world.ask(source).await.map_err(|error| format!("{error:#}"));
        errors.push_str(&told(&outcome));
        match outcome {
            Ok(Ok(_)) if anew => return Ok(Next::TokenMadeAnew),
            Ok(Ok(_)) => return Ok(Next::Token),
            Ok(Err(_)) if source.works_once() && !anew => {}
            Ok(Err(error)) => return Ok(Next::Nothing(error.message)),
            Err(trap) => return Ok(Next::Nothing(trap)),
        }
    }
    Ok(Next::Nothing("no token from one made anew".to_owned()))
}

fn told(outcome: &Result<Result<AccessToken, CredentialError>, String>) -> String {
    match outcome {
        Ok(Ok(token)) => format!("{} {}", token.source, token.token_type),
        Ok(Err(error)) => render(error),
        Err(trap) => trap.clone(),
    }
}

fn spoil(world: &World, fault: FileFault, path: &str, content: &[u8]) -> Result<()> {
    let file = world.guest.disk().path(path);
    let write = |content: &[u8]| put(world, path, content);
    let while_read = |act: fn(&std::path::Path, &[u8])| {
        let content = content.to_vec();
        world.disk_trouble.order(path, Trouble::WhileRead(Box::new(move || act(&file, &content))));
        Ok(())
    };
    match fault {
        FileFault::Missing => world.guest.disk().remove(path),
        FileFault::Unreadable => {
            world.disk_trouble.order(path, Trouble::Unreadable);
            Ok(())
        }
        FileFault::Broken => {
            world.disk_trouble.order(path, Trouble::Broken);
            Ok(())
        }
        FileFault::Folder => {
            world.guest.disk().remove(path)?;
            Ok(std::fs::create_dir(world.guest.disk().path(path))?)
        }
        FileFault::LinkOut => {
            world.guest.disk().remove(path)?;
            world.guest.disk().link(path, "/etc/passwd")
        }
        FileFault::Empty => write(b""),
        FileFault::HalfWritten => write(&content[..content.len() / 2]),
        FileFault::Huge => write(&[content, &[b' '; 2 << 20]].concat()),
        FileFault::Binary => write(&(0..=255).collect::<Vec<u8>>().repeat(3)),
        FileFault::InvalidUtf8 => write(b"a sentence, and then \xC3\x28\xFF\xFE"),
        FileFault::ReplacedWhileRead => while_read(|file, content| {
            std::fs::write(file, [&[b' '; 4096], content].concat()).expect("a disk that works");
        }),
        FileFault::TruncatedWhileRead => while_read(|file, _| {
            std::fs::write(file, b"").expect("a disk that works");
        }),
        FileFault::RemovedWhileRead => while_read(|file, _| {
            std::fs::remove_file(file).expect("a disk that works");
        }),
    }
}

/// Puts a file in the place of whatever is there.
fn put(world: &World, path: &str, content: &[u8]) -> Result<()> {
    let place = world.guest.disk().path(path);
    if let Ok(meta) = std::fs::symlink_metadata(&place) {
        if meta.is_dir() { std::fs::remove_dir_all(&place)? } else { std::fs::remove_file(&place)? }
    }
    world.guest.disk().write(path, content)
}

fn content<'a>(source: &'a Source, path: &str) -> &'a [u8] {
    source.files.iter().find(|(it, _)| it == path).map_or(&[], |(_, content)| content)
}

fn exactly(text: &str) -> Result<Pattern> {
    Ok(Pattern::new(&format!("^{}$", regex::escape(text)))?)
}
