//! What this machine enforces, and what it does not.

/// What `cloister doctor` shows.
#[derive(Clone, Debug)]
pub struct Report {
    /// CPU features that llama.cpp was built with and that this CPU has, for example `AVX2`. Empty without `llama`.
    pub cpu_features: Vec<String>,
    /// Things that hold here, one line each.
    pub enforced: Vec<String>,
    /// Things that do not, one line each.
    pub not_enforced: Vec<String>,
}

/// Looks at this machine and this build.
pub fn report() -> Report {
    todo!()
}
