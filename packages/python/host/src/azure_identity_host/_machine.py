"""This process's variables and folders, as far as the provider reads them."""

import os
from pathlib import Path
from typing import Mapping

VARIABLES = (
    "AZD_CONFIG_DIR",
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_CERTIFICATE",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_CERTIFICATE_PATH",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
    "AZURE_CLI_SAVED_TOKEN",
    "AZURE_CLOUD_NAME",
    "AZURE_CONFIG_DIR",
    "AZURE_CORE_INSTANCE_DISCOVERY",
    "AZURE_DISABLE_INSTANCE_DISCOVERY",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH",
    "AZURE_IDENTITY_ENABLE_AZURE_PROXY",
    "AZURE_KUBERNETES_CA_DATA",
    "AZURE_KUBERNETES_CA_FILE",
    "AZURE_KUBERNETES_SNI_NAME",
    "AZURE_KUBERNETES_TOKEN_PROXY",
    "AZURE_PASSWORD",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
    "AZURE_REGIONAL_AUTHORITY_NAME",
    "AZURE_TENANT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "AZURE_USERNAME",
    "DEFAULT_IDENTITY_CLIENT_ID",
    "HOME",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "LOCALAPPDATA",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "PROGRAMDATA",
    "ProgramData",
    "REGION_NAME",
    "SYSTEM_OIDCREQUESTURI",
    "USERPROFILE",
)
"""The variables that the provider reads; a test compares them with its documentation."""


def environment() -> dict[str, str]:
    """Those variables of this process that the provider reads, and no others."""
    return {name: os.environ[name] for name in VARIABLES if name in os.environ}


def folders(variables: Mapping[str, str]) -> dict[str, str]:
    """The folders that exist and that the variables refer to, under their own names: those of the developer tools' logins and
    those of the files that a variable names."""
    home = variables.get("HOME")
    candidates = [variables.get("AZURE_CONFIG_DIR") or (home and f"{home}/.azure")]
    candidates.append(variables.get("AZD_CONFIG_DIR") or (home and f"{home}/.azd"))
    if home:
        candidates += [f"{home}/.IdentityService", f"{home}/.local/share/.IdentityService"]
    for name in ("AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLI_SAVED_TOKEN"):
        if variables.get(name):
            candidates.append(str(Path(variables[name]).parent))
    # The keys of the agent of Azure Arc.
    candidates.append("/var/opt/azcmagent/tokens")
    return {folder: folder for folder in candidates if folder and Path(folder).is_dir()}
