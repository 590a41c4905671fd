//! A fault as a command-line argument: `imds=503,times=2,retry-after=3`.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;

use super::fault::{FaultKind, FaultSettings, Pattern};
use crate::duration;
use crate::service_name::ServiceName;

/// `<service>=<status or kind>[,<name>=<value>…]`; the service `all` stands for every service.
impl FromStr for FaultSettings {
    type Err = String;

    fn from_str(flag: &str) -> Result<FaultSettings, String> {
        let mut parts = flag.split(',');
        let (service, effect) = pair(parts.next().unwrap_or_default())?;
        let mut fault = FaultSettings::default();
        if service != "all" {
            fault.service = Some(service.parse()?);
        }
        match effect.parse() {
            Ok(status @ 200..=599) => fault.status = Some(status),
            Ok(status) => return Err(format!("{status} is not the status of a response")),
            Err(_) => fault.kind = Some(kind(effect)?),
        }
        for part in parts {
            let (name, value) = pair(part)?;
            set(&mut fault, name, value)?;
        }
        Ok(fault)
    }
}

/// The argument that describes the fault: its service, effect and numbers, without patterns, headers and body.
impl fmt::Display for FaultSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.service.map_or("all", ServiceName::as_str))?;
        match (self.status, self.kind.and_then(|kind| kind.to_possible_value())) {
            (_, Some(kind)) => f.write_str(kind.get_name())?,
            (Some(status), None) => write!(f, "{status}")?,
            (None, None) => f.write_str("delay")?,
        }
        if let Some(times) = self.times {
            write!(f, ",times={times}")?;
        }
        if self.after > 0 {
            write!(f, ",after={}", self.after)?;
        }
        Ok(())
    }
}

fn pair(part: &str) -> Result<(&str, &str), String> {
    part.split_once('=').ok_or_else(|| format!("'{part}' is not of the form name=value, e.g. imds=503"))
}

fn kind(name: &str) -> Result<FaultKind, String> {
    FaultKind::from_str(name, false).map_err(|_| {
        let all = FaultKind::value_variants().iter().filter_map(FaultKind::to_possible_value);
        let names: Vec<_> = all.map(|it| it.get_name().to_owned()).collect();
        format!("'{name}' is neither a status nor a kind of fault; the kinds are: {}", names.join(", "))
    })
}

fn set(fault: &mut FaultSettings, name: &str, value: &str) -> Result<(), String> {
    let number = || value.parse::<u32>().map_err(|_| format!("{name} must be a number, not '{value}'"));
    match name {
        "after" => fault.after = number()?,
        "bytes" => fault.bytes = number()? as usize,
        "delay" => fault.delay = duration::parse(value)?,
        "every" => fault.every = duration::parse(value)?,
        "path" => fault.path = Some(Pattern::new(value).map_err(|error| error.to_string())?),
        "retry-after" | "retry-after-ms" => drop(fault.headers.insert(name.to_owned(), value.to_owned())),
        "status" => fault.status = Some(value.parse().map_err(|_| format!("'{value}' is not a status"))?),
        "times" => fault.times = Some(number()?),
        other => return Err(format!("a fault has no '{other}'; it has: {}", NAMES.join(", "))),
    }
    Ok(())
}

const NAMES: &[&str] =
    &["after", "bytes", "delay", "every", "path", "retry-after", "retry-after-ms", "status", "times"];
