using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portal.Catalog;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The caller of the API: the data that the middleware passes to the endpoints, and the results that they return. An endpoint takes it as a
/// parameter.</summary>
public abstract class ApiCaller
{
    private string _authorization = "";

    private protected ApiCaller()
    {
    }

    /// <summary>The current state of the token. It is replaced if the token changes and the request may continue.</summary>
    public Credential Credential { get; internal set; } = null!;

    /// <summary>The module that owns the path; null if the path is open to any valid token.</summary>
    public Module? Module => Target.Owner.Module;

    /// <summary>The request target. It is read only once.</summary>
    internal RequestTarget Target { get; private set; }

    /// <summary>The secret of the token that was sent.</summary>
    public long SecretId { get; private set; }

    /// <summary>The refusal that the middleware counts, and writes if no response has started; null if the endpoint responded.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Whether the response comes from elsewhere and is complete, even without a body.</summary>
    public bool AnsweredElsewhere { get; private set; }

    /// <summary>The body that the middleware writes after it has counted the request; empty if the endpoint wrote it or there is none.</summary>
    internal ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Lets the middleware send the body, so that the request is counted before the client has read it.</summary>
    public void Answer(ReadOnlyMemory<byte> body) => Body = body;

    /// <summary>Lets the middleware send the refusal and count the request under its code.</summary>
    public void Refuse(Refusal refusal) => Refusal = refusal;

    public void LeaveAnswerAlone() => AnsweredElsewhere = true;

    /// <summary>The reason why Portal ended the request while it was served; null if it didn't.</summary>
    public Refusal? Ended { get; private set; }

    /// <summary>Whether an upstream serves the request.</summary>
    internal bool IsForwarded => Withdrawn is not null;

    /// <summary>Returns a refusal once the upstream that serves the request has been removed.</summary>
    internal Func<Refusal?>? Withdrawn { get; private set; }

    /// <summary>Records that an upstream serves the request.</summary>
    /// <param name="withdrawn">Returns a refusal once the request may no longer continue.</param>
    public void ForwardUntil(Func<Refusal?> withdrawn) => Withdrawn = withdrawn;

    internal void End(Refusal refusal) => Ended = refusal;

    /// <param name="authorization">The header with the key. It isn't passed on.</param>
    private protected void Begin(Credential credential, long secretId, in RequestTarget target, string authorization)
    {
        (Credential, SecretId, Target, _authorization) = (credential, secretId, target, authorization);
        (Refusal, Body, AnsweredElsewhere, Ended, Withdrawn) = (null, default, false, null, null);
    }

    /// <summary>Drops all data of a completed request: its connection may stay open for a long time.</summary>
    private protected void Forget() => (Credential, Target, _authorization, Refusal, Body, Withdrawn) = (null!, default, "", null, default, null);

    /// <summary>Derives an encryption key from the API key that was sent, whose secret is stored nowhere in plain text. Without the API key, it can't
    /// be derived.</summary>
    /// <returns>32 bytes.</returns>
    public byte[] DeriveKey(byte[] salt, string purpose)
    {
        if (!ApiKey.TryParse(_authorization, out _, out var secret))
            throw new InvalidOperationException("The request came without a key.");
        Span<byte> input = stackalloc byte[ApiKey.SecretLength];
        Encoding.ASCII.GetBytes(secret, input);
        var key = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, key, salt, Encoding.UTF8.GetBytes(purpose));
        CryptographicOperations.ZeroMemory(input);
        return key;
    }

    /// <exception cref="InvalidOperationException">The request did not come through the middleware.</exception>
    public static ValueTask<ApiCaller> BindAsync(HttpContext context) => new(Of(context));

    /// <inheritdoc cref="BindAsync"/>
    public static ApiCaller Of(HttpContext context) =>
        context.Features.Get<IHttpRequestLifetimeFeature>() as ApiCaller ?? throw new InvalidOperationException("The request has no caller.");
}
