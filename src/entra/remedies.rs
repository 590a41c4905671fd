//! Remedies for the common errors of Microsoft Entra (Microsoft Learn, "Microsoft Entra authentication and
//! authorization error codes"). They are words for people: no decision depends on a code.

/// The remedy for an `AADSTS` code; `None`: Microsoft's own message says enough.
pub fn remedy(code: u32) -> Option<&'static str> {
    REMEDIES.iter().find(|(codes, _)| codes.contains(&code)).map(|(_, remedy)| *remedy)
}

/// The codes and their remedies.
pub const REMEDIES: &[(&[u32], &str)] = &[
    (&[7_000_215], "check the client secret: its value is meant, not its id"),
    (&[7_000_222], "the client secret or certificate has expired: make a new one"),
    (&[7_000_218], "the app is confidential: give it a secret, a certificate or an assertion"),
    (&[700_016, 90_015], "check client id and tenant: the tenant does not know this app"),
    (&[90_002, 90_013, 900_023], "check tenant and authority: there is no such tenant in this cloud"),
    (
        &[500_011, 50_001],
        "check the scope: the tenant does not know this resource; a scope looks like https://vault.azure.net/.default",
    ),
    (&[70_011, 1_002_012], "check the scope: apps ask for <resource>/.default"),
    (&[65_001], "the user or an administrator has to consent to the app first"),
    (&[50_076, 50_079, 50_158, 53_000, 53_003], "an interactive sign-in has to satisfy the claims first"),
    (SESSION_ENDED, "sign in again (Azure CLI: az login)"),
    (&[70_000], "sign in again, and consent to this scope (Azure CLI: az login)"),
    (&[54_005], "a code can be redeemed once: sign in again"),
    (&[50_011], "register the redirect URI with the app, letter by letter"),
    (&[501_481], "use the verifier of the sign-in that the code came from"),
    (&[70_018, 70_019, 70_020], "begin a new sign-in"),
    (&[50_013, 500_131, 500_133], "pass on the token of the current call, which must be for this app itself"),
    (
        &[700_213, 70_021, 700_211, 700_212, 7_002_138],
        "check issuer, subject and audience of the app's federated credential",
    ),
    (
        &[70_023],
        "use the projected token of the service account (audience api://AzureADTokenExchange), which lives at most a day",
    ),
    (&[700_024], "the assertion is not valid at this time: renew it, or check this machine's clock"),
    (&[700_027], "upload the certificate to the app, or check which one is used"),
    (&[50_126], "check the user name and password"),
    (&[90_033, 90_090, 50_196], "Microsoft Entra is busy or throttles"),
];

const SESSION_ENDED: &[u32] = &[700_082, 70_043, 70_008, 50_173];
