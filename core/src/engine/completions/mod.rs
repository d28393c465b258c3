//! Chat completions as JSON: the request and the answer of `OpenAI`'s API, with llama.cpp's additions.

mod answer;
mod request;

pub(super) use answer::Head;
pub(super) use request::CompletionRequest;
