//! The component's exports.

wit_bindgen::generate!({ path: "wit", world: "compose" });

struct Component;

impl Guest for Component {
    fn compose(app: Vec<u8>, plugs: Vec<Vec<u8>>) -> Result<Vec<u8>, String> {
        crate::compose(&app, &plugs).map_err(|error| error.to_string())
    }

    fn imports(component: Vec<u8>) -> Result<Vec<String>, String> {
        crate::imports(&component).map_err(|error| error.to_string())
    }
}

export!(Component);
