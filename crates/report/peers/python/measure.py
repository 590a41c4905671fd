"""azure-identity for Python: how long a cached call and a first token take, as one line of JSON in nanoseconds.

The environment says where IMDS is (AZURE_POD_IDENTITY_AUTHORITY_HOST). `measure.py once` gets one token and ends.
"""

import json
import sys
import time

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

SCOPE = "https://vault.azure.net/.default"


def first_decile(times):
    """As the report, because other work on the machine only ever adds time."""
    times = sorted(times)
    return times[len(times) // 10]


def first(make):
    begun = time.perf_counter_ns()
    make().get_token(SCOPE)
    return time.perf_counter_ns() - begun


def cached(calls):
    credential = ManagedIdentityCredential()
    credential.get_token(SCOPE)
    rounds = []
    for _ in range(15):
        begun = time.perf_counter_ns()
        for _ in range(calls):
            credential.get_token(SCOPE)
        rounds.append((time.perf_counter_ns() - begun) / calls)
    return first_decile(rounds)


if sys.argv[1:] == ["once"]:
    DefaultAzureCredential().get_token(SCOPE)
else:
    figures = {"cached": cached(2000), "first": first_decile(first(ManagedIdentityCredential) for _ in range(15))}
    print(json.dumps(figures))
