//! How the Python module is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for name in std::env::var("DEP_CLOISTER_WRAP")
        .unwrap_or_default()
        .split(',')
    {
        if !name.is_empty() {
            println!("cargo::rustc-cdylib-link-arg=-Wl,--wrap={name}");
        }
    }
}
