use super::*;

const PROXY: &str = "https://10.0.0.1:6443/proxy";

fn settings(values: [&str; 4]) -> Settings {
    let [token_proxy, sni_name, ca_file, ca_data] =
        values.map(|value| Some(value.to_owned()).filter(|value| !value.is_empty()));
    Settings { token_proxy, sni_name, ca_file, ca_data }
}

fn read_settings(values: [&str; 4]) -> Result<Option<AzureProxy>, String> {
    AzureProxy::new(settings(values), &Roots::public_and(&[]).expect("the public CAs"))
}

fn refusal(values: [&str; 4]) -> String {
    read_settings(values).err().unwrap_or_else(|| panic!("{values:?} is refused"))
}

#[test]
fn without_variables_there_is_no_proxy() {
    assert!(read_settings(["", "", "", ""]).expect("it is off").is_none());
}

#[test]
fn the_address_of_the_proxy_is_https_and_an_address_alone() {
    let proxy = read_settings([PROXY, "", "", ""]).expect("it is valid").expect("it is on");
    assert_eq!(proxy.endpoint.to_string(), "https://10.0.0.1:6443");
    for (url, expected) in [
        ("http://10.0.0.1:6443", "AZURE_KUBERNETES_TOKEN_PROXY must start with https://"),
        ("10.0.0.1:6443", "AZURE_KUBERNETES_TOKEN_PROXY must start with https://"),
        ("https://a:secret@10.0.0.1", "AZURE_KUBERNETES_TOKEN_PROXY must not have user information"),
        ("https://10.0.0.1/?a=secret", "AZURE_KUBERNETES_TOKEN_PROXY must not have a query"),
        ("https://10.0.0.1/#secret", "AZURE_KUBERNETES_TOKEN_PROXY must not have a fragment"),
        ("https://10.0.1", "AZURE_KUBERNETES_TOKEN_PROXY has a host that is ambiguous or malformed"),
        ("https://a b", "AZURE_KUBERNETES_TOKEN_PROXY is not a URL"),
    ] {
        assert_eq!(refusal([url, "", "", ""]), expected, "{url}");
    }
}

#[test]
fn a_server_name_or_a_ca_without_a_proxy_is_refused() {
    for (values, name) in [
        (["", "name", "", ""], "AZURE_KUBERNETES_SNI_NAME"),
        (["", "", "/ca.crt", ""], "AZURE_KUBERNETES_CA_FILE"),
        (["", "", "", "PEM"], "AZURE_KUBERNETES_CA_DATA"),
    ] {
        let expected = format!("{name} is set and AZURE_KUBERNETES_TOKEN_PROXY is not; set both or neither");
        assert_eq!(refusal(values), expected);
    }
}

#[test]
fn a_ca_comes_from_one_place_and_is_pem() {
    let both = "AZURE_KUBERNETES_CA_FILE and AZURE_KUBERNETES_CA_DATA are both set; unset one of them";
    assert_eq!(refusal([PROXY, "", "/ca.crt", "PEM"]), both);
    let none = "AZURE_KUBERNETES_CA_DATA has no certificate of a CA in PEM";
    assert_eq!(refusal([PROXY, "", "", "not PEM"]), none);
    let missing = refusal([PROXY, "", "/no/such/ca.crt", ""]);
    assert!(missing.starts_with("AZURE_KUBERNETES_CA_FILE, /no/such/ca.crt cannot be read: "), "{missing}");
}

#[test]
fn a_server_name_is_a_name() {
    assert_eq!(refusal([PROXY, "no name", "", ""]), "AZURE_KUBERNETES_SNI_NAME is not the name of a server");
}
