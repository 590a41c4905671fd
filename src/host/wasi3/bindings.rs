//! The interfaces of WASI 0.3 that the host uses.

wit_bindgen::generate!({
    inline: "
        package azure-identity:host;
        world host {
            import wasi:cli/environment@0.3.0;
            import wasi:clocks/monotonic-clock@0.3.0;
            import wasi:clocks/system-clock@0.3.0;
            import wasi:filesystem/preopens@0.3.0;
            import wasi:filesystem/types@0.3.0;
            import wasi:http/client@0.3.0;
            import wasi:http/types@0.3.0;
            import wasi:random/random@0.3.0;
        }
    ",
    path: "wit",
    generate_all,
});
