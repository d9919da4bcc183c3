using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Portal.Catalog;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Authentication;

/// <summary>The caller of the API: the data that the middleware passes to the endpoints, and that they may pass back. An endpoint
/// takes it as a parameter.</summary>
public abstract class ApiCaller
{
    private string _authorization = "";

    private protected ApiCaller()
    {
    }

    /// <summary>As it is now: replaced when the token changes and the request may go on.</summary>
    public Credential Credential { get; internal set; } = null!;

    /// <summary>The module that owns the path; null: it is open to any valid token.</summary>
    public Module? Module => Target.Owner.Module;

    /// <summary>The only reading of what was asked for.</summary>
    internal RequestTarget Target { get; private set; }

    /// <summary>Which of the token's secrets was sent.</summary>
    public long SecretId { get; private set; }

    /// <summary>The refusal that the middleware counts, and writes if no response has started; null if the endpoint responded.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>The answer comes from elsewhere and is whole, even if it has no body.</summary>
    public bool AnsweredElsewhere { get; private set; }

    /// <summary>The body that the middleware writes after it has counted the request; empty if the endpoint wrote it, or there is none.</summary>
    internal ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Leaves it to the middleware to send the body, so that a client that has read it finds the request counted.</summary>
    public void Answer(ReadOnlyMemory<byte> body) => Body = body;

    /// <summary>Leaves it to the middleware to send the refusal, and to count the request under its code.</summary>
    public void Refuse(Refusal refusal) => Refusal = refusal;

    public void LeaveAnswerAlone() => AnsweredElsewhere = true;

    /// <summary>Why Portal ended the request while it was served; null: it did not.</summary>
    public Refusal? Ended { get; private set; }

    /// <summary>Whether an upstream serves the request.</summary>
    internal bool IsForwarded => Withdrawn is not null;

    /// <summary>Whether the upstream that serves the request was taken away since, and what is said then.</summary>
    internal Func<Refusal?>? Withdrawn { get; private set; }

    /// <summary>Tells that an upstream serves the request, and until when.</summary>
    /// <param name="withdrawn">Gives a refusal once the request may not go on.</param>
    public void ForwardUntil(Func<Refusal?> withdrawn) => Withdrawn = withdrawn;

    internal void End(Refusal refusal) => Ended = refusal;

    /// <param name="authorization">The header with the key. It goes no further than here.</param>
    private protected void Begin(Credential credential, long secretId, in RequestTarget target, string authorization)
    {
        (Credential, SecretId, Target, _authorization) = (credential, secretId, target, authorization);
        (Refusal, Body, AnsweredElsewhere, Ended, Withdrawn) = (null, default, false, null, null);
    }

    /// <summary>Keeps nothing of a request that is over: its connection may stay open for long.</summary>
    private protected void Forget() => (Credential, Target, _authorization, Refusal, Body, Withdrawn) = (null!, default, "", null, default, null);

    /// <summary>A key to encrypt with that nobody can derive who does not have the API key that was sent, whose secret is stored nowhere in the
    /// clear.</summary>
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
