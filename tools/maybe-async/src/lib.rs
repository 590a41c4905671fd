//! One source for code that waits and code that blocks.
//!
//! The core of the component is written with `async` and `.await`. Where the host blocks, nothing is ever
//! waited for, but the compiler cannot know: it makes a state machine of every function, for a state that
//! never comes. That was a tenth of the component. So the edition for such a host is compiled from
//! the same source without the two words.

use proc_macro::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};

/// The function or `impl` as it stands: it may have to wait.
#[proc_macro_attribute]
pub fn concurrent(_: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// The function or `impl` for a host that blocks: `async fn` is `fn`, `.await` is nothing, and an `async`
/// block is a closure that is called on the spot, so that `?` and `return` leave it and no more.
#[proc_macro_attribute]
pub fn blocking(_: TokenStream, item: TokenStream) -> TokenStream {
    without_waiting(item)
}

fn without_waiting(tokens: TokenStream) -> TokenStream {
    let mut written = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word.to_string() == "async" => {
                let is_moving = tokens.next_if(|next| is_word(next, "move"));
                if let Some(TokenTree::Group(block)) = tokens.next_if(is_block) {
                    written.extend([call(is_moving, &block)]);
                }
            }
            TokenTree::Punct(dot) if dot.as_char() == '.' => {
                if tokens.next_if(|next| is_word(next, "await")).is_none() {
                    written.extend([TokenTree::Punct(dot)]);
                }
            }
            TokenTree::Group(group) => written.extend([inside(&group)]),
            other => written.extend([other]),
        }
    }
    written
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string() == word)
}

fn is_block(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// A group with the words gone from it.
fn inside(group: &Group) -> TokenTree {
    let mut written = Group::new(group.delimiter(), without_waiting(group.stream()));
    written.set_span(group.span());
    TokenTree::Group(written)
}

/// `async move { … }` as `(move || { … })()`, in parentheses of its own.
fn call(is_moving: Option<TokenTree>, block: &Group) -> TokenTree {
    let bar = |spacing| TokenTree::Punct(Punct::new('|', spacing));
    let is_moving = is_moving.map(|word| TokenTree::Ident(Ident::new("move", word.span())));
    let closure = is_moving.into_iter().chain([bar(Spacing::Joint), bar(Spacing::Alone), inside(block)]);
    let closure = Group::new(Delimiter::Parenthesis, closure.collect());
    let no_arguments = Group::new(Delimiter::Parenthesis, TokenStream::new());
    let call = TokenStream::from_iter([TokenTree::Group(closure), TokenTree::Group(no_arguments)]);
    let mut call = Group::new(Delimiter::None, call);
    call.set_span(Span::call_site());
    TokenTree::Group(call)
}
