"""The OPRF layer of `schakel-oprf-1`: RFC 9497, mode VOPRF (0x01), suite ristretto255-SHA512; read it beside the RFC.

Bytes and names are the RFC's, so any tool that implements it is an oracle (tests: A.1.2, the `voprf` package). Where
each of its functions is:

    RFC 9497                                              here
    2.1   Order, Identity, ScalarMultGen                  group: GROUP_ORDER, IDENTITY, base_multiple
    2.1   HashToGroup, HashToScalar (as 4.1 has them)     hash: hash_to_group, hash_to_scalar
    2.1   RandomScalar (as 4.7.2, with 64 bytes)          group: random_scalar, random_scalars
    2.1   ScalarInverse                                   group: scalar_inverses
    2.1   SerializeElement, DeserializeElement            libsodium's own output; group: checked_elements
    2.1   SerializeScalar, DeserializeScalar              libsodium's own output; group: checked_public_scalar
    2.2.1 GenerateProof, ComputeCompositesFast            proof: prove, composite_weights; composite: sum_of_products
    2.2.2 VerifyProof, ComputeComposites                  proof: verified_outputs, and the same two
    3.1   CreateContextString                             hash: CONTEXT
    3.2.1 DeriveKeyPair                                   keys: derive_key_pair
    3.3.1 Blind                                           blind: blind, on elements that `client` hashed
    3.3.2 BlindEvaluate, with a batched proof             evaluate: evaluate_batch
    3.3.2 Finalize                                        client: verify, unblind; message: finalize

What the scheme adds to the RFC, or does otherwise (cryptography page):
1. Two servers in a row. Each runs BlindEvaluate with its own key and proof, the second on the first one's answer; the
   client verifies both proofs before it unblinds. Z = k1*k2*H(m) is what one server with the key k1*k2 would give.
2. For classes `bsn` and `id` the token is the serialised Z itself; only class `cx` goes on to Finalize's hash.
3. An input that hashes to the identity (2^-252) gives no token, where the RFC raises InvalidInputError.
4. Batches are powers of two, filled with random elements, so that their size says little (rule 6 of the page).
5. A key has an info string per custodian, domain, epoch and class; the RFC leaves `info` to the application.
"""
