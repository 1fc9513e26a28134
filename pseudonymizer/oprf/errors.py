"""What can go wrong in the OPRF layer, split by whose fault it is.

No message carries an element, a scalar, a key or an input: positions and reasons only.
"""


class OprfError(Exception):
    """Root of the tree; catching it is catching every refusal of this package."""


class InvalidInput(OprfError):
    """Our own caller handed in something that the scheme does not allow (a type, a value, a batch size, a seed)."""


class InvalidElement(OprfError):
    """The other side sent bytes that are not a canonical, non-identity ristretto255 element or not a reduced scalar."""


class ProofRefused(OprfError):
    """A custodian's proof does not hold: nothing of the batch may be unblinded, the caller exits with 6 (rule 10)."""
