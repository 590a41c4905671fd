//! Sign-ins under way: the codes that browsers carry and the codes that people type in.

use std::sync::Mutex;

use super::scope::Scope;

/// What the two endpoints before the token endpoint remember.
#[derive(Debug, Default)]
pub struct SignIns {
    codes: Mutex<Vec<Code>>,
    devices: Mutex<Vec<Device>>,
}

/// A code that a browser carries to the app.
#[derive(Clone, Debug)]
pub struct Code {
    /// The code.
    pub code: String,
    /// The client it was issued to.
    pub client_id: String,
    /// The object id of the user who signed in.
    pub oid: String,
    /// What the sign-in was for.
    pub scope: Scope,
    /// Where the browser was sent with it.
    pub redirect_uri: String,
    /// The PKCE challenge; `None`: the app sent none.
    pub challenge: Option<String>,
    /// When it ends, in unix seconds.
    pub ends_on: u64,
    /// Whether it was redeemed.
    pub redeemed: bool,
}

/// A device that waits for its user.
#[derive(Clone, Debug)]
pub struct Device {
    /// The code that the device knows.
    pub device_code: String,
    /// The client it was issued to.
    pub client_id: String,
    /// What the sign-in is for.
    pub scope: Scope,
    /// How often the device has asked.
    pub polls: u32,
    /// When it ends, in unix seconds.
    pub ends_on: u64,
}

impl SignIns {
    /// Remembers a code.
    pub fn begin(&self, code: Code) {
        self.codes.lock().expect("no holder of this lock panics").push(code);
    }

    /// The code that is spelled so.
    pub fn code(&self, code: &str) -> Option<Code> {
        let codes = self.codes.lock().expect("no holder of this lock panics");
        codes.iter().find(|it| it.code == code).cloned()
    }

    /// Marks a code as redeemed.
    pub fn redeem(&self, code: &str) {
        let mut codes = self.codes.lock().expect("no holder of this lock panics");
        codes.iter_mut().filter(|it| it.code == code).for_each(|it| it.redeemed = true);
    }

    /// Remembers a device.
    pub fn wait_for(&self, device: Device) {
        self.devices.lock().expect("no holder of this lock panics").push(device);
    }

    /// The device that asks with this code, as it was before it asked.
    pub fn poll(&self, device_code: &str) -> Option<Device> {
        let mut devices = self.devices.lock().expect("no holder of this lock panics");
        let device = devices.iter_mut().find(|it| it.device_code == device_code)?;
        let before = device.clone();
        device.polls += 1;
        Some(before)
    }
}
