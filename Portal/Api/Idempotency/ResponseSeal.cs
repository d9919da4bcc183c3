using System.Security.Cryptography;
using Portal.Authentication;

namespace Portal.Api.Idempotency;

/// <summary>Encrypts what was answered to a call, so that it can be answered again.</summary>
/// <remarks>
/// The answer may hold an API key, and a repeat within the day must get it: the client may never have seen the first answer. But with
/// <c>Tokens:Reveal=Once</c> nothing that is stored may open to whoever has the data directory, key ring included. So the
/// encryption key is derived from what only the caller has, the secret of its API key (of which the database has a hash) and the
/// idempotency key, and is never stored: AES-256-GCM under HKDF-SHA256, bound to the call's id. The same for both policies. The
/// price: a repeat with another key of the calling token can't get the response, and the error says so.
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

    /// <summary>For a part of the call.</summary>
    public ResponseSeal For(byte[] partId) => new(_key, partId);

    /// <returns>Nonce, tag and cipher text.</returns>
    public byte[] Close(ReadOnlySpan<byte> answer)
    {
        var closed = new byte[NonceLength + TagLength + answer.Length];
        var nonce = closed.AsSpan(0, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(nonce, answer, closed.AsSpan(NonceLength + TagLength), closed.AsSpan(NonceLength, TagLength), _callId);
        return closed;
    }

    /// <returns>Null: it was closed for another caller's secret.</returns>
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
