//! The bindings of the world.

wit_bindgen::generate!({
    path: ["../../../wit", "../../../wit/0.2", "wit"],
    world: "host-tests:http-client/app",
    generate_all,
});
