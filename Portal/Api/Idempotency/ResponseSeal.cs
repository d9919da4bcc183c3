using System.Security.Cryptography;
using Portal.Authentication;

namespace Portal.Api.Idempotency;

/// <summary>Encrypts the response to a request, so that it can be repeated.</summary>
/// <remarks>
/// The response may contain an API key, and a retry within a day must return it, because the client may not have received the first response.
/// With <c>Tokens:Reveal=Once</c>, however, nobody who has only the data directory, including the key ring, must be able to decrypt stored data. The
/// encryption key is therefore never stored, but derived from values that only the caller has: the secret of its API key (of which the
/// database has only a hash) and the idempotency key. Uses AES-256-GCM with HKDF-SHA256, bound to the ID of the request, for both policies.
/// As a consequence, a retry with another key of the calling token can't get the response. The error says so.
/// </remarks>
internal sealed class ResponseSeal
{
    private const int NonceLength = 12, TagLength = 16;

    private readonly byte[] _key, _callId;

    private ResponseSeal(byte[] key, byte[] callId) => (_key, _callId) = (key, callId);

    public ResponseSeal(ApiCaller caller, byte[] callId, string idempotencyKey)
        : this(caller.DeriveKey(callId, $"Portal.Idempotency.v1:{idempotencyKey}"), callId)
    {
    }

    /// <summary>Creates the seal for a part of the request.</summary>
    public ResponseSeal For(byte[] partId) => new(_key, partId);

    /// <returns>The nonce, the tag and the ciphertext.</returns>
    public byte[] Close(ReadOnlySpan<byte> answer)
    {
        var closed = new byte[NonceLength + TagLength + answer.Length];
        var nonce = closed.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(nonce, answer, closed.AsSpan(NonceLength + TagLength), closed.AsSpan(NonceLength, TagLength), _callId);
        return closed;
    }

    /// <returns>Null: it was encrypted with another secret.</returns>
    public byte[]? Open(ReadOnlySpan<byte> closed)
    {
        if (closed.Length < NonceLength + TagLength)
            return null;
        var answer = new byte[closed.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(_key, TagLength);
        try
        {
            cipher.Decrypt(closed[..NonceLength], closed[(NonceLength + TagLength)..], closed.Slice(NonceLength, TagLength), answer, _callId);
            return answer;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }
}
