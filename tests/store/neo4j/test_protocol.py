"""What the embedded store's tests demand of the protocol, demanded of Neo4j."""

# The functions are collected again here, where `store` is another fixture.
# ruff: noqa: F403
from tests.store.embedded.test_graph import *
from tests.store.embedded.test_namespaces import *
from tests.store.embedded.test_reading import *
from tests.store.embedded.test_removing import *
from tests.store.embedded.test_writing import *
