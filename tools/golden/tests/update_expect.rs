//! Which values of `UPDATE_EXPECT` rewrite a golden file, tried on a test that fails.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

#[test]
fn only_1_rewrites_a_golden_file() {
    let outcomes = [None, Some("0"), Some(""), Some("false"), Some("yes"), Some("1")].map(|value| {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join("golden.txt");
        fs::write(&path, "old").expect("a file");
        let mut test = Command::new(std::env::current_exe().expect("a program"));
        test.args(["--exact", "the_file_has_another_text", "--ignored", "--nocapture"]).env(FILE, &path);
        match value {
            Some(value) => test.env("UPDATE_EXPECT", value),
            None => test.env_remove("UPDATE_EXPECT"),
        };
        let output = test.output().expect("the test runs");
        let refused = String::from_utf8_lossy(&output.stderr).contains("1 rewrites golden files");
        (value, refused, fs::read_to_string(path).expect("the file"))
    });
    let old = |value, refused| (value, refused, "old".to_owned());
    let expected = [
        old(None, false),
        old(Some("0"), true),
        old(Some(""), true),
        old(Some("false"), true),
        old(Some("yes"), true),
        (Some("1"), false, "new".to_owned()),
    ];
    assert_eq!(outcomes, expected);
}

#[test]
#[ignore = "the test above runs it"]
fn the_file_has_another_text() {
    let file = std::env::var_os(FILE).map(PathBuf::from).expect("a file");
    golden::expect_file![file].assert_eq("new");
}

const FILE: &str = "GOLDEN_FILE";
