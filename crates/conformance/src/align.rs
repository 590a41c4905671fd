//! Aligns the requests of an SDK with those of the component.

use crate::case::Attempts;
use crate::request_differences::differences;

/// A request of the SDK, one of the component, or both.
pub enum Pair<'a> {
    /// Both sent it: first the SDK's, then the component's.
    Both(&'a Attempts, &'a Attempts),
    /// Only the SDK sent it.
    Theirs(&'a Attempts),
    /// Only the component sent it.
    Ours(&'a Attempts),
}

/// Aligns the requests in their order with the fewest differences.
pub fn align<'a>(theirs: &'a [Attempts], ours: &'a [Attempts]) -> Vec<Pair<'a>> {
    // The edit distance: `costs[i][j]` is the lowest cost of aligning `theirs[i..]` with `ours[j..]`.
    let mut costs = vec![vec![0; ours.len() + 1]; theirs.len() + 1];
    for i in (0..=theirs.len()).rev() {
        for j in (0..=ours.len()).rev() {
            let skip_theirs = (i < theirs.len()).then(|| GAP + costs[i + 1][j]);
            let skip_ours = (j < ours.len()).then(|| GAP + costs[i][j + 1]);
            let both = (i < theirs.len() && j < ours.len())
                .then(|| distance(&theirs[i], &ours[j]) + costs[i + 1][j + 1]);
            costs[i][j] = [both, skip_theirs, skip_ours].into_iter().flatten().min().unwrap_or(0);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < theirs.len() || j < ours.len() {
        let here = costs[i][j];
        if i < theirs.len() && j < ours.len() && here == distance(&theirs[i], &ours[j]) + costs[i + 1][j + 1]
        {
            pairs.push(Pair::Both(&theirs[i], &ours[j]));
            (i, j) = (i + 1, j + 1);
        } else if i < theirs.len() && here == GAP + costs[i + 1][j] {
            pairs.push(Pair::Theirs(&theirs[i]));
            i += 1;
        } else {
            pairs.push(Pair::Ours(&ours[j]));
            j += 1;
        }
    }
    pairs
}

fn distance(theirs: &Attempts, ours: &Attempts) -> usize {
    differences(&theirs.request, &ours.request).len().min(3)
}

/// The cost of a request without a counterpart.
const GAP: usize = 2;
