//! The tutorials of CONTRIBUTING.md match the tree.
//!
//! Each tutorial follows an example that exists. Its steps name files and quote code of them. A step whose file or code has
//! moved fails here, and so does a file that mentions the example and that no step names: a reader who follows the steps
//! would not know that it needs a change.

use crate::markdown::without_indentation;
use crate::tree::tracked_files;
use crate::{read, root};
use anyhow::{Context, Result, ensure};
use regex::Regex;
use std::fs;

#[test]
fn every_step_names_files_that_exist() -> Result<()> {
    for tutorial in tutorials()? {
        for step in &tutorial.steps {
            ensure!(!step.paths.is_empty(), "{}: a step names no file:\n{}", tutorial.name, step.text);
            let missing: Vec<_> = step.paths.iter().filter(|path| !root().join(path).exists()).collect();
            assert!(missing.is_empty(), "{}: {missing:?} do not exist", tutorial.name);
        }
    }
    Ok(())
}

#[test]
fn the_code_of_every_step_is_in_its_file() -> Result<()> {
    for tutorial in tutorials()? {
        let mut blocks = 0;
        for step in &tutorial.steps {
            for block in step.blocks() {
                let file = step.paths.first().context("a block of code belongs to a file")?;
                let text = without_indentation(&read(file)?);
                assert!(
                    text.contains(&without_indentation(block)),
                    "{}: not in {file}:\n{block}",
                    tutorial.name
                );
                blocks += 1;
            }
        }
        assert!(blocks > 2, "{} quotes code", tutorial.name);
    }
    Ok(())
}

#[test]
fn every_file_that_mentions_an_example_is_in_a_step_of_its_tutorial() -> Result<()> {
    for tutorial in tutorials()? {
        let mut forgotten = Vec::new();
        for file in tracked_files()? {
            // The history and the tutorials themselves.
            if ["CHANGELOG.md", "CONTRIBUTING.md"].contains(&file.as_str()) {
                continue;
            }
            let text = String::from_utf8_lossy(&fs::read(root().join(&file))?).into_owned();
            let is_example = tutorial.example.is_match(&text) || tutorial.example.is_match(&file);
            let paths = tutorial.steps.iter().flat_map(|step| &step.paths);
            if is_example && !paths.into_iter().any(|path| file == *path || is_below(&file, path)) {
                forgotten.push(file);
            }
        }
        assert_eq!(forgotten, Vec::<String>::new(), "{} does not name them", tutorial.name);
    }
    Ok(())
}

fn is_below(file: &str, folder: &str) -> bool {
    folder.ends_with('/') && file.starts_with(folder)
}

struct Tutorial {
    name: String,
    /// The names of its example in the tree.
    example: Regex,
    steps: Vec<Step>,
}

struct Step {
    text: String,
    /// The files and folders that it names, in bold.
    paths: Vec<String>,
}

impl Step {
    /// The contents of its fenced blocks.
    fn blocks(&self) -> impl Iterator<Item = &str> {
        let fenced = self.text.split("```").skip(1).step_by(2);
        fenced.filter_map(|block| block.split_once('\n')).map(|(_, code)| code)
    }
}

fn tutorials() -> Result<Vec<Tutorial>> {
    let contributing = read("CONTRIBUTING.md")?;
    let marker = Regex::new(r"<!-- tutorial: (\S+); example: (\S+) -->\n")?;
    let tutorials: Vec<_> = marker
        .captures_iter(&contributing)
        .map(|found| {
            let after = &contributing[found.get(0).map_or(0, |whole| whole.end())..];
            let text = after.split("\n## ").next().unwrap_or_default();
            Ok(Tutorial { name: found[1].to_owned(), example: Regex::new(&found[2])?, steps: steps(text)? })
        })
        .collect::<Result<_>>()?;
    ensure!(tutorials.len() == 3, "there are {} tutorials", tutorials.len());
    Ok(tutorials)
}

fn steps(text: &str) -> Result<Vec<Step>> {
    let (number, path) = (Regex::new(r"(?m)^\d+\. ")?, Regex::new(r"\*\*`([^`]+)`\*\*")?);
    let steps: Vec<_> = number
        .split(text)
        .skip(1)
        .map(|text| Step {
            text: text.to_owned(),
            paths: path.captures_iter(text).map(|found| found[1].to_owned()).collect(),
        })
        .collect();
    ensure!(steps.len() > 3, "a tutorial has {} steps", steps.len());
    Ok(steps)
}
