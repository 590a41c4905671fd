//! The interfaces: each item has `@since` and a comment.

use crate::root;
use anyhow::Result;
use host_tests::edition::Edition;
use wit_parser::{Resolve, Stability, TypeDefKind, TypeOwner, WorldItem};

#[test]
fn every_wit_item_has_since() -> Result<()> {
    let missing: Vec<_> = wit_items()?.into_iter().filter(|item| !item.since).map(|item| item.name).collect();
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

#[test]
fn every_wit_item_is_documented() -> Result<()> {
    let missing: Vec<_> =
        wit_items()?.into_iter().filter(|item| !item.documented).map(|item| item.name).collect();
    assert_eq!(missing, Vec::<String>::new());
    Ok(())
}

struct Item {
    name: String,
    since: bool,
    documented: bool,
}

/// The items of the interfaces of all editions that can have `@since` and a comment.
fn wit_items() -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for edition in Edition::WHOLE {
        items.extend(wit_items_of(edition.wit())?);
    }
    Ok(items)
}

fn wit_items_of(folder: &str) -> Result<Vec<Item>> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root().join(folder))?;
    let mut items = Vec::new();
    let mut item = |name: String, stability: &Stability, docs: &wit_parser::Docs| {
        let since = matches!(stability, Stability::Stable { .. });
        items.push(Item { name, since, documented: docs.contents.is_some() });
    };
    for (name, world) in &resolve.packages[package].worlds {
        let world = &resolve.worlds[*world];
        item(name.clone(), &world.stability, &world.docs);
        for (key, entry) in world.imports.iter().chain(&world.exports) {
            let key = resolve.name_world_key(key);
            // The import of `types` is implicit: the other interfaces use it.
            if let (WorldItem::Interface { stability, .. }, false) = (entry, key.contains("/types@")) {
                item(format!("{name}: {key}"), stability, &world.docs);
            }
        }
    }
    for (name, interface) in &resolve.packages[package].interfaces {
        let interface = &resolve.interfaces[*interface];
        item(name.clone(), &interface.stability, &interface.docs);
        for (function, definition) in &interface.functions {
            item(format!("{name}.{function}"), &definition.stability, &definition.docs);
        }
        for (type_name, id) in &interface.types {
            let definition = &resolve.types[*id];
            let is_own = matches!(definition.owner, TypeOwner::Interface(_));
            if is_own && !matches!(definition.kind, TypeDefKind::Type(_)) {
                item(format!("{name}.{type_name}"), &definition.stability, &definition.docs);
            }
        }
    }
    Ok(items)
}
