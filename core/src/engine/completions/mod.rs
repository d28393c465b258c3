//! Chat completions as JSON: the request and the answer of `OpenAI`'s API, with llama.cpp's additions.

mod answer;
mod request;

pub(crate) use answer::Head;
pub(crate) use request::CompletionRequest;
