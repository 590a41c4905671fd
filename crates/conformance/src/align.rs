//! Which request of ours answers to which of theirs.

use super::corpus::Attempts;
use super::judge::fields;

/// A request of theirs, one of ours, or both.
pub enum Pair<'a> {
    /// Both sent it.
    Both(&'a Attempts, &'a Attempts),
    /// They sent it, we did not.
    Theirs(&'a Attempts),
    /// We sent it, they did not.
    Ours(&'a Attempts),
}

/// Pairs the requests in their order, so that as little as possible differs.
pub fn align<'a>(theirs: &'a [Attempts], ours: &'a [Attempts]) -> Vec<Pair<'a>> {
    // The cost of the best way from each pair of places to the end: the classic edit distance.
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
    if theirs.request.is_probe() != ours.request.is_probe() {
        return 2 * GAP + 1;
    }
    fields(&theirs.request, &ours.request).len().min(3)
}

/// What it costs to leave a request alone.
const GAP: usize = 2;
