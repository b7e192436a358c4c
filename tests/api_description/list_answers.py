"""Prints what docs/openapi.yaml has, for the clients of the other tests: a line for each call with its statuses."""
from description import OpenApi

api = OpenApi()
print("ANY *", *sorted(set.intersection(*(set(operation.responses) for operation in api.operations))))
for operation in api.operations:
    print(operation.method, operation.path, *sorted(operation.responses))
