//! No file imports, directly or through other files, a file that imports it.

use crate::root;
use anyhow::{Context, Result, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::punctuated::Punctuated;
use syn::visit::Visit;

#[test]
fn no_file_imports_a_file_that_imports_it() -> Result<()> {
    let mut cycles = Vec::new();
    for entry in entry_files()? {
        let mut sources = BTreeMap::new();
        let module = Module::load(&entry, &folder_of_children(&entry, true), &mut sources)?;
        let mut imports =
            Imports { root: &module, path: Vec::new(), sources: &sources, edges: BTreeMap::new() };
        imports.visit_file(&sources[&entry]);
        cycles.extend(cycles_of(&imports.edges));
    }
    let root = root().canonicalize()?;
    let name = |file: &PathBuf| file.strip_prefix(&root).unwrap_or(file).display().to_string();
    let cycles: BTreeSet<_> =
        cycles.iter().map(|files| files.iter().map(name).collect::<Vec<_>>().join(" -> ")).collect();
    ensure!(cycles.is_empty(), "files that import each other:\n{}", Vec::from_iter(cycles).join("\n"));
    Ok(())
}

/// The root file of every library, program, test and benchmark of the project.
fn entry_files() -> Result<Vec<PathBuf>> {
    let mut entries = Vec::new();
    for package in packages(&root().canonicalize()?)? {
        entries.extend(["build.rs", "src/lib.rs", "src/main.rs"].map(|it| package.join(it)));
        for targets in ["src/bin", "tests", "benches", "fuzz_targets"] {
            for target in fs::read_dir(package.join(targets)).into_iter().flatten() {
                let target = target?.path();
                let is_source = target.extension().is_some_and(|it| it == "rs");
                entries.push(if is_source { target } else { target.join("main.rs") });
            }
        }
    }
    entries.retain(|it| it.is_file());
    ensure!(entries.len() > 30, "the project has more crates than these: {entries:?}");
    Ok(entries)
}

/// The folders with a `Cargo.toml` in and below `folder`.
fn packages(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if folder.join("Cargo.toml").is_file() {
        found.push(folder.to_owned());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_built = name == "target" || name == "node_modules" || name.starts_with('.');
        if path.is_dir() && !is_built {
            found.extend(packages(&path)?);
        }
    }
    Ok(found)
}

/// A module with the modules that it declares.
struct Module {
    file: PathBuf,
    children: BTreeMap<String, Module>,
}

impl Module {
    /// Loads the module in `file` and the modules below it, whose files are in `folder`.
    fn load(file: &Path, folder: &Path, sources: &mut BTreeMap<PathBuf, syn::File>) -> Result<Module> {
        let text = fs::read_to_string(file)?;
        let source = syn::parse_file(&text).with_context(|| file.display().to_string())?;
        let module = Module::from_items(&source.items, file, folder, sources)?;
        sources.insert(file.to_owned(), source);
        Ok(module)
    }

    fn from_items(
        items: &[syn::Item],
        file: &Path,
        folder: &Path,
        sources: &mut BTreeMap<PathBuf, syn::File>,
    ) -> Result<Module> {
        let mut children = BTreeMap::new();
        for item in items {
            let syn::Item::Mod(item) = item else { continue };
            let name = item.ident.to_string();
            let child = match &item.content {
                Some((_, items)) => Module::from_items(items, file, &folder.join(&name), sources)?,
                None => {
                    let given = path_attribute(item).map(|path| file.with_file_name(path));
                    let child = given.clone().unwrap_or_else(|| folder.join(format!("{name}.rs")));
                    Module::load(&child, &folder_of_children(&child, given.is_some()), sources)?
                }
            };
            children.insert(name, child);
        }
        Ok(Module { file: file.to_owned(), children })
    }
}

/// Where the files of a module's children are: beside the file of a crate's root or of a module with `#[path]`, otherwise
/// in a folder with the file's name.
fn folder_of_children(file: &Path, is_beside: bool) -> PathBuf {
    if is_beside { file.with_file_name("") } else { file.with_extension("") }
}

fn path_attribute(item: &syn::ItemMod) -> Option<String> {
    item.attrs.iter().filter(|it| it.path().is_ident("path")).find_map(|attribute| {
        let syn::Expr::Lit(literal) = &attribute.meta.require_name_value().ok()?.value else { return None };
        let syn::Lit::Str(path) = &literal.lit else { return None };
        Some(path.value())
    })
}

/// Collects which file imports which: by `use` items and by paths.
struct Imports<'a> {
    root: &'a Module,
    sources: &'a BTreeMap<PathBuf, syn::File>,
    /// The names of the modules from the root to the one that is visited.
    path: Vec<String>,
    edges: BTreeMap<PathBuf, BTreeSet<PathBuf>>,
}

impl<'a> Imports<'a> {
    fn module(&self, path: &[String]) -> &'a Module {
        path.iter().fold(self.root, |module, name| &module.children[name])
    }

    /// Adds an edge to the file that the longest prefix of `import` names.
    fn add(&mut self, import: &[String]) {
        let mut path = self.path.clone();
        let mut names = import;
        match names.first().map(String::as_str) {
            Some("crate") => path.clear(),
            Some("self" | "super") => {}
            Some(name) if self.module(&path).children.contains_key(name) => {}
            _ => return, // another crate
        }
        while let Some(("crate" | "self" | "super", rest)) =
            names.split_first().map(|(it, rest)| (it.as_str(), rest))
        {
            if names[0] == "super" {
                path.pop();
            }
            names = rest;
        }
        for name in names.iter().take_while(|name| name.as_str() != "*") {
            if !self.module(&path).children.contains_key(name) {
                break;
            }
            path.push(name.clone());
        }
        let (from, to) = (&self.module(&self.path).file, &self.module(&path).file);
        if from != to {
            self.edges.entry(from.clone()).or_default().insert(to.clone());
        }
    }

    fn add_tree(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        let longer = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(it) => self.add_tree(&it.tree, &longer(&it.ident)),
            syn::UseTree::Name(it) => self.add(&longer(&it.ident)),
            syn::UseTree::Rename(it) => self.add(&longer(&it.ident)),
            syn::UseTree::Glob(_) => self.add(prefix),
            syn::UseTree::Group(it) => it.items.iter().for_each(|tree| self.add_tree(tree, prefix)),
        }
    }
}

impl<'a> Visit<'a> for Imports<'a> {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        self.add_tree(&item.tree, &[]);
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        self.path.push(item.ident.to_string());
        match &item.content {
            Some((_, items)) => items.iter().for_each(|item| self.visit_item(item)),
            None => self.visit_file(&self.sources[&self.module(&self.path).file]),
        }
        self.path.pop();
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let mut paths = Paths::default();
        paths.visit_path(path);
        paths.0.iter().for_each(|path| self.add(path));
    }

    fn visit_macro(&mut self, item: &'a syn::Macro) {
        let mut paths = Paths::default();
        paths.visit_macro(item);
        paths.0.iter().for_each(|path| self.add(path));
    }

    // `pub(super)` and `#[path(…)]` import nothing.
    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}
    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}
}

/// The paths of several segments, also those in the arguments of macros that take expressions.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl Visit<'_> for Paths {
    fn visit_path(&mut self, path: &syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|it| it.ident.to_string()).collect());
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &syn::Macro) {
        self.visit_path(&item.path);
        let arguments = item.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated);
        arguments.iter().flatten().for_each(|argument| self.visit_expr(argument));
    }
}

/// The shortest cycle through each file that is in one, beginning and ending with the first of its files.
fn cycles_of(edges: &BTreeMap<PathBuf, BTreeSet<PathBuf>>) -> Vec<Vec<PathBuf>> {
    let mut found = Vec::new();
    for start in edges.keys() {
        let mut before: BTreeMap<&PathBuf, &PathBuf> = BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(file) = queue.pop_front().filter(|_| !before.contains_key(start)) {
            for next in edges.get(file).into_iter().flatten() {
                if !before.contains_key(next) {
                    before.insert(next, file);
                    queue.push_back(next);
                }
            }
        }
        if !before.contains_key(start) {
            continue;
        }
        let mut cycle = vec![start.clone()];
        let mut file = before[start];
        while file != start {
            cycle.insert(0, file.clone());
            file = before[file];
        }
        cycle.insert(0, start.clone());
        if cycle.iter().min() == Some(start) {
            found.push(cycle);
        }
    }
    found
}
