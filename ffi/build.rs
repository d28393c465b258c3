//! How `libcloister.so` is linked.

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
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        // Rust's thread-locals crash a host that unloads the library.
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
        // llguidance has a C interface of its own, which is no part of this one.
        println!("cargo::rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
    }
}
